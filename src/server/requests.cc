#include "server/requests.h"

#include <fmt/format.h>

#include <cmath>

namespace headrace::server {
namespace {

using base::Error;
using workbench::Change;

// Leaves a request that is wrong; caught where it is read.
struct Wrong {
  std::string message;
};

const Json& member(const Json& object, const char* key) {
  static const Json kNone;
  const auto found = object.find(key);
  return found == object.end() ? kNone : *found;
}

std::string text(const Json& object, const char* key, const std::string& otherwise = "") {
  const Json& value = member(object, key);
  if (value.is_null()) return otherwise;
  if (!value.is_string()) throw Wrong{fmt::format("'{}' is not a text", key)};
  if (value.get_ref<const std::string&>().size() > 4000) {
    throw Wrong{fmt::format("'{}' is too long", key)};
  }
  return value.get<std::string>();
}

double number(const Json& object, const char* key, double otherwise) {
  const Json& value = member(object, key);
  if (value.is_null()) return otherwise;
  if (!value.is_number()) throw Wrong{fmt::format("'{}' is not a number", key)};
  return value.get<double>();
}

uint64_t whole(const Json& object, const char* key, uint64_t otherwise, uint64_t most) {
  const double value = number(object, key, static_cast<double>(otherwise));
  if (!(value >= 0) || value > static_cast<double>(most) || value != std::floor(value)) {
    throw Wrong{fmt::format("'{}' is not a whole number from 0 to {}", key, most)};
  }
  return static_cast<uint64_t>(value);
}

const Json& list(const Json& object, const char* key, size_t most) {
  static const Json kEmpty = Json::array();
  const Json& value = member(object, key);
  if (value.is_null()) return kEmpty;
  if (!value.is_array()) throw Wrong{fmt::format("'{}' is not a list", key)};
  if (value.size() > most) throw Wrong{fmt::format("'{}' has more than {} entries", key, most)};
  return value;
}

std::vector<std::string> texts(const Json& object, const char* key, size_t most) {
  std::vector<std::string> out;
  for (const Json& each : list(object, key, most)) {
    if (!each.is_string()) throw Wrong{fmt::format("'{}' holds something that is no text", key)};
    out.push_back(each.get<std::string>());
  }
  return out;
}

Change read_change(const Json& json) {
  if (!json.is_object()) throw Wrong{"'changes' holds something that is no object"};
  Change change;
  change.input = text(json, "input");
  const std::string mode = text(json, "mode", "shift");
  change.value = number(json, "value", 1);
  change.low = number(json, "low", 0);
  change.high = number(json, "high", 0);
  change.text = text(json, "text");
  if (change.input.empty()) throw Wrong{"a change without 'input'"};
  if (mode == "shift") {
    change.mode = Change::Mode::kShift;
  } else if (mode == "pin") {
    change.mode = Change::Mode::kPin;
  } else if (mode == "given") {
    change.mode = Change::Mode::kGiven;
  } else if (mode == "replace") {
    change.mode = Change::Mode::kReplace;
  } else {
    throw Wrong{
        fmt::format("mode '{}' of '{}' is none of shift, pin, given, replace", mode, change.input)};
  }
  return change;
}

workbench::Question read_question(const Json& json) {
  workbench::Question question;
  question.scenarios = texts(json, "scenarios", kMostScenarios);
  for (const Json& each : list(json, "changes", kMostChanges)) {
    Change change = read_change(each);
    for (const Change& other : question.changes) {
      if (other.input == change.input) {
        throw Wrong{fmt::format("'{}' is changed twice", change.input)};
      }
    }
    question.changes.push_back(std::move(change));
  }
  question.outputs = texts(json, "outputs", kMostOutputs);
  if (!member(json, "only").is_null()) question.only = texts(json, "only", kMostChanges);
  const Json& answers = member(json, "answers");
  question.answers = answers.is_null() || (answers.is_boolean() && answers.get<bool>());
  return question;
}

// Parses and reads; bodies that nest too deep are refused before they are parsed.
template <class T, class Read>
base::Result<T> read(std::string_view body, Read&& read_object) {
  size_t depth = 0, deepest = 0;
  for (char c : body) {
    if (c == '[' || c == '{') deepest = std::max(deepest, ++depth);
    if ((c == ']' || c == '}') && depth > 0) --depth;
  }
  if (deepest > 64) return base::fail(Error::Kind::kUsage, "the request nests too deep");
  const Json json = Json::parse(body, nullptr, false);
  if (json.is_discarded()) return base::fail(Error::Kind::kUsage, "the request is not JSON");
  if (!json.is_object()) return base::fail(Error::Kind::kUsage, "the request is not an object");
  try {
    return read_object(json);
  } catch (const Wrong& wrong) {
    return base::fail(Error::Kind::kUsage, wrong.message);
  }
}

}  // namespace

base::Result<RunRequest> read_run(std::string_view body) {
  return read<RunRequest>(body, [](const Json& json) {
    RunRequest request;
    request.view = text(json, "view");
    request.sequence = static_cast<uint32_t>(whole(json, "sequence", 0, UINT32_MAX));
    request.question = read_question(json);
    request.draws = whole(json, "draws", request.draws, kMostDraws);
    request.seed = whole(json, "seed", 1, uint64_t{1} << 53);
    const Json& preview = member(json, "preview");
    request.preview = !(preview.is_boolean() && !preview.get<bool>());
    return request;
  });
}

base::Result<CompareRequest> read_compare(std::string_view body) {
  return read<CompareRequest>(body, [](const Json& json) {
    CompareRequest request;
    request.view = text(json, "view");
    request.output = text(json, "output");
    for (const Json& each : list(json, "versions", 4)) {
      if (!each.is_object()) throw Wrong{"'versions' holds something that is no object"};
      request.versions.push_back(read_question(each));
    }
    if (request.versions.size() < 2) throw Wrong{"'versions' needs at least two entries"};
    request.draws = whole(json, "draws", request.draws, 32'768);
    request.seed = whole(json, "seed", 1, uint64_t{1} << 53);
    return request;
  });
}

base::Result<ExplainRequest> read_explain(std::string_view body) {
  return read<ExplainRequest>(body, [](const Json& json) {
    ExplainRequest request;
    request.view = text(json, "view");
    request.question = read_question(json);
    request.question.answers = false;
    if (request.question.outputs.size() != 1) throw Wrong{"'outputs' needs exactly one entry"};
    request.time = number(json, "time", 0);
    request.draws = whole(json, "draws", request.draws, 32'768);
    request.seed = whole(json, "seed", 1, uint64_t{1} << 53);
    return request;
  });
}

base::Result<WatchRequest> read_watch(std::string_view body) {
  return read<WatchRequest>(body, [](const Json& json) {
    WatchRequest request;
    request.view = text(json, "view");
    request.format = text(json, "format", "json");
    if (request.format != "json" && request.format != "csv" && request.format != "ics") {
      throw Wrong{fmt::format("'format' is '{}', none of json, csv, ics", request.format)};
    }
    workbench::MonitorQuestion& question = request.question;
    question.version = read_question(json);
    question.watch.learn = texts(json, "learn", kMostOutputs);
    question.watch.decide = text(json, "decide");
    question.watch.log = texts(json, "log", kMostReadings);
    question.watch.as_of = text(json, "as_of");
    question.watch.by = text(json, "by");
    question.focus = text(json, "focus");
    question.draws = whole(json, "draws", question.draws, 32'768);
    question.seed = whole(json, "seed", 1, uint64_t{1} << 53);
    return request;
  });
}

base::Result<CaseRequest> read_case(std::string_view body) {
  return read<CaseRequest>(body, [](const Json& json) {
    CaseRequest request;
    request.view = text(json, "view");
    const Json& facts = member(json, "facts");
    if (!facts.is_object()) throw Wrong{"'facts' is not an object"};
    if (facts.size() > kMostFacts)
      throw Wrong{fmt::format("'facts' has more than {} entries", kMostFacts)};
    for (const auto& [name, value] : facts.items())
      request.facts.emplace_back(name, text(facts, name.c_str()));
    return request;
  });
}

base::Result<std::string> read_table(std::string_view body) {
  return read<std::string>(body, [](const Json& json) {
    const Json& content = member(json, "text");
    if (!content.is_string()) throw Wrong{"'text' is not a text"};
    return content.get<std::string>();
  });
}

base::Result<std::vector<TextFile>> read_files(std::string_view body) {
  return read<std::vector<TextFile>>(body, [](const Json& json) {
    std::vector<TextFile> files;
    for (const Json& each : list(json, "files", 1000)) {
      if (!each.is_object()) throw Wrong{"'files' holds something that is no object"};
      const Json& content = member(each, "text");
      if (!content.is_string()) throw Wrong{"a file without 'text'"};
      files.push_back({text(each, "name"), content.get<std::string>()});
    }
    return files;
  });
}

}  // namespace headrace::server
