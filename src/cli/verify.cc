// `headrace verify MODEL FILE`: whether a chart that the page saved still says what the model says.
//
// A saved chart carries, as JSON, what was asked and every number that it draws; an SVG also
// carries the hash of its own text. So two things can differ: the drawing from what was saved, and
// what was saved from what the model answers now.

#include <fmt/format.h>

#include <cmath>
#include <fstream>
#include <iterator>

#include "base/hash.h"
#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/session.h"
#include "cli/signals.h"
#include "cli/terminal.h"
#include "server/answers.h"
#include "server/requests.h"
#include "workbench/live.h"

namespace headrace::cli {
namespace {

using server::Json;

constexpr size_t kMostBytes = size_t{64} << 20;
constexpr std::string_view kDigest = "\"digest\":\"";
constexpr size_t kDigits = 16;

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) end_with(kIo, fmt::format("cannot read '{}'", path));
  std::string text{std::istreambuf_iterator<char>(file), {}};
  if (file.bad()) end_with(kIo, fmt::format("cannot read '{}'", path));
  if (text.size() > kMostBytes) end_with(kInvalid, fmt::format("'{}' is too long", path));
  return text;
}

// Undoes the escapes of XML text.
std::string plain(std::string_view text) {
  constexpr std::pair<std::string_view, char> kEscapes[] = {
      {"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}};
  std::string out;
  while (!text.empty()) {
    char next = text.front();
    size_t length = 1;
    for (const auto& [escape, meant] : kEscapes)
      if (text.starts_with(escape)) next = meant, length = escape.size();
    out += next;
    text.remove_prefix(length);
  }
  return out;
}

// The JSON of a saved chart: all of a .json file, the metadata of a drawing.
Json saved_chart(const std::string& text, const std::string& path) {
  std::string body = text;
  if (!text.starts_with('{')) {
    constexpr std::string_view kOpen = "<metadata>", kClose = "</metadata>";
    const size_t begin = text.find(kOpen), end = text.find(kClose);
    if (begin == std::string::npos || end == std::string::npos || end < begin)
      end_with(kInvalid, fmt::format("'{}' is no chart that headrace serve saved", path));
    body = plain(std::string_view(text).substr(begin + kOpen.size(), end - begin - kOpen.size()));
  }
  Json chart = Json::parse(body, nullptr, false);
  const bool ours = chart.is_object() && chart.value("schema", "") == "headrace.chart/2" &&
                    chart.contains("question") && chart.contains("bands") &&
                    chart["bands"].is_object() && chart["question"].is_object();
  if (!ours) end_with(kInvalid, fmt::format("'{}' is no chart that headrace serve saved", path));
  return chart;
}

// Whether the text is as it was saved. A chart without a drawing has no hash of its own.
bool is_whole(std::string text) {
  if (text.starts_with('{')) return true;
  // The digest is written with escaped quotes inside the metadata.
  std::string mark;
  for (char c : kDigest) mark += c == '"' ? std::string("&quot;") : std::string(1, c);
  const size_t at = text.find(mark);
  if (at == std::string::npos || at + mark.size() + kDigits > text.size()) return false;
  const std::string told = text.substr(at + mark.size(), kDigits);
  text.replace(at + mark.size(), kDigits, kDigits, '0');
  return told == fmt::format("{:016x}", base::hash(text));
}

const Json* output_of(const Json& directory, const std::string& name) {
  for (const Json& output : directory["outputs"])
    if (output["name"] == name) return &output;
  return nullptr;
}

// The first number that is another one now; "" when there is none. Non-finite ones are null.
std::string first_difference(const Json& chart, const server::Frame& frame, const Json& output) {
  const size_t count = frame.directory["times"]["count"];
  size_t offset = output["offset"];
  for (const Json& stat : frame.directory["stats"]) {
    const std::string name = stat;
    const Json& saved = chart["bands"].value(name, Json::array());
    if (!saved.is_array() || saved.size() != count)
      return fmt::format("{} has {} numbers, not {}", name, saved.size(), count);
    for (size_t i = 0; i < count; ++i) {
      const float now = frame.numbers[offset + i];
      const bool same = saved[i].is_number() ? static_cast<float>(saved[i].get<double>()) == now
                                             : saved[i].is_null() && !std::isfinite(now);
      if (!same)
        return fmt::format("{} at save {} is {} in the file, {} now", name, i, saved[i].dump(),
                           now);
    }
    offset += count;
  }
  return "";
}

[[noreturn]] void mismatch(const std::string& why) {
  fmt::print("mismatch\n");
  say(why);
  throw Ended{kCheckFailed};
}

}  // namespace

int verify_command(const Arguments& args) {
  if (args.words.size() != 2)
    end_with(kUsage, "a model and a saved chart: headrace verify MODEL chart.svg");
  const std::string& path = args.words[1];
  const std::string text = read_file(path);
  const Json chart = saved_chart(text, path);
  if (!is_whole(text)) mismatch("the file was changed after it was saved");
  const auto request = or_end(server::read_run(chart["question"].dump()));
  const std::string name = chart.value("output", "");
  const auto live = or_end(workbench::Live::open(args.words[0], args.backend, args.threads));
  live->take(posterior_for(live->model(), args));
  const std::string hash = live->project().hash(), made = chart["model"].value("hash", "");
  const auto answer = or_end(server::answer_run(*live, request, request.draws, stop_requested()));
  if (!answer) throw Ended{kInterrupted};
  const Json* output = output_of(answer->directory, name);
  if (!output) mismatch(fmt::format("the model has no output '{}' now", name));
  const std::string difference = first_difference(chart, *answer, *output);
  const std::string other =
      made == hash ? "" : fmt::format("the chart was made with model {}, this is {}", made, hash);
  if (!difference.empty()) mismatch(other.empty() ? difference : other + "; " + difference);
  fmt::print("match\n");
  if (!other.empty()) say(other + "; its numbers are the same");
  return kDone;
}

}  // namespace headrace::cli
