#include "server/site.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "base/hash.h"
#include "report/json.h"
#include "server/answers.h"
#include "server/assets.h"
#include "server/describe.h"
#include "server/openapi.h"
#include "server/watch.h"
#include "text/diagnostic.h"
#include "workbench/rulings.h"

namespace headrace::server {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMostEvents = 64;   // event streams
constexpr size_t kMostSettled = 48;  // remembered answers
constexpr size_t kFirstCharts = 4;   // of a page that was asked for none
constexpr int kTicksOfQuiet = 30;    // half seconds between signs of life
constexpr const char* kPolicy =
    "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; connect-src 'self'; object-src 'none'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'";

Reply json(unsigned status, std::string body) {
  return {status, "application/json", std::move(body), {{"Cache-Control", "no-store"}}};
}

Reply problem(unsigned status, const std::string& message) {
  return json(status, text_of(Json{{"error", message}}) + "\n");
}

unsigned status_of(base::Error::Kind kind) {
  switch (kind) {
    case base::Error::Kind::kUsage:
      return 400;
    case base::Error::Kind::kNotFound:
      return 404;
    case base::Error::Kind::kInvalid:
      return 422;
    case base::Error::Kind::kIo:
      return 500;
  }
  return 500;
}

// `localhost:8765` without its port.
std::string name_of(const std::string& host) {
  if (host.starts_with('[')) return host.substr(0, host.find(']') + 1);
  return host.substr(0, host.find(':'));
}

bool equal_in_time(const std::string& a, const std::string& b) {
  unsigned char different = a.size() != b.size();
  for (size_t i = 0; i < a.size(); ++i) different |= a[i] ^ b[b.empty() ? 0 : i % b.size()];
  return different == 0;
}

std::string in_query(const std::string& query, const std::string& key) {
  for (size_t at = 0; at < query.size();) {
    const size_t next = std::min(query.find('&', at), query.size());
    const std::string part = query.substr(at, next - at);
    if (part.starts_with(key + "=")) return part.substr(key.size() + 1);
    at = next + 1;
  }
  return "";
}

// A request's answer is remembered by everything that decides it.
std::string key_of(const RunRequest& request) {
  const workbench::Question& q = request.question;
  std::string key = fmt::format("{}|{}|{}|{}|{}", fmt::join(q.scenarios, "+"),
                                fmt::join(q.outputs, "\t"), q.answers, request.draws, request.seed);
  if (q.only) key += fmt::format("|only {}", fmt::join(*q.only, "+"));
  for (const workbench::Change& c : q.changes) {
    key += fmt::format("|{}\t{}\t{}\t{}\t{}\t{}", c.input, static_cast<int>(c.mode), c.value, c.low,
                       c.high, c.text);
  }
  return key;
}

std::string error_frame(uint32_t sequence, const base::Error& error) {
  Frame frame;
  frame.kind = Frame::Kind::kError;
  frame.sequence = sequence;
  frame.directory = {{"error", error.message}, {"status", status_of(error.kind)}};
  return encode(frame);
}

Reply head_of_frames() {
  return {200, "application/vnd.headrace.frames", "", {{"Cache-Control", "no-store"}}};
}

std::string event(const std::string& name, const std::string& data) {
  return fmt::format("event: {}\ndata: {}\n\n", name, data);
}

const char* type_of(const fs::path& path) {
  const std::string ending = path.extension().string();
  if (ending == ".html") return "text/html; charset=utf-8";
  if (ending == ".js") return "text/javascript; charset=utf-8";
  if (ending == ".css") return "text/css; charset=utf-8";
  if (ending == ".svg") return "image/svg+xml";
  if (ending == ".json") return "application/json";
  return "application/octet-stream";
}

// Whole or not at all: a name beside it, then renamed.
base::Result<void> replace(const fs::path& path, const std::string& text) {
  const std::string draft = path.string() + fmt::format(".{}.tmp", ::getpid());
  std::FILE* file = std::fopen(draft.c_str(), "wb");
  const bool wrote = file && std::fwrite(text.data(), 1, text.size(), file) == text.size() &&
                     std::fflush(file) == 0 && ::fsync(::fileno(file)) == 0;
  if (file && std::fclose(file) != 0) file = nullptr;
  std::error_code failure;
  if (wrote && file) fs::rename(draft, path, failure);
  if (!wrote || !file || failure) {
    std::error_code ignored;
    fs::remove(draft, ignored);
    return base::fail(base::Error::Kind::kIo, fmt::format("cannot write '{}'", path.string()));
  }
  return {};
}

}  // namespace

Site::Site(const ServeOptions& options, std::unique_ptr<workbench::Live> live)
    : options_(options), live_(std::move(live)) {
  model_json_ = described();
  hash_ = live_->project().hash();
  stamp_ = stamp();
  warm_up();
}

Site::~Site() { close(); }

void Site::close() {
  queue_.close();
  clerk_.close();
  tell("bye", "{}");
  std::lock_guard lock(mutex_);
  for (const Shared& listener : events_) listener->end();
  events_.clear();
}

std::string Site::described() {
  Json json = describe(*live_);
  std::shared_ptr<Law> law = open_law(options_.model);
  if (law) add_law(*law, json);
  std::lock_guard lock(mutex_);
  law_ = std::move(law);
  return text_of(json);
}

// Computes what the pages show first before anybody asks for it: the answers, then the charts.
void Site::warm_up() {
  const Json described = Json::parse(model_json_);
  std::vector<std::string> headline = described["headline"];
  RunRequest overview, explore;
  if (live_->model().claims.empty()) overview.question.outputs = headline;
  headline.resize(std::min(headline.size(), kFirstCharts));
  explore.question.outputs = std::move(headline);
  explore.question.answers = false;
  warm_up(std::move(overview), "overview");
  warm_up(std::move(explore), "explore");
}

void Site::warm_up(RunRequest given, const std::string& page) {
  auto request = std::make_shared<RunRequest>(std::move(given));
  Queue::Work work;
  work.view = "warm-up " + page;
  work.thorough = [this, request](const std::atomic<bool>& stop) {
    auto frame = answer_run(*live_, *request, request->draws, stop);
    if (!frame) return true;
    if (!*frame) return false;
    remember(key_of(*request), encode(**frame));
    return true;
  };
  work.end = [](Queue::End) {};
  queue_.submit(std::move(work));
}

void Site::remember(const std::string& key, const std::string& bytes) {
  std::lock_guard lock(mutex_);
  if (settled_order_.size() >= kMostSettled) {
    settled_.erase(settled_order_.front());
    settled_order_.erase(settled_order_.begin());
  }
  if (settled_.emplace(key, bytes).second) settled_order_.push_back(key);
}

// ------------------------------------------------------------ who may ask

std::string Site::refused(const Request& request, Reply& reply) const {
  const std::string host = name_of(request.host);
  const bool ours = host == "localhost" || host == "127.0.0.1" || host == "[::1]" ||
                    (host == options_.host && options_.host != "0.0.0.0");
  const bool open = !options_.token.empty() && options_.host == "0.0.0.0";
  if (!ours && !open) {
    reply = problem(421, "this server answers for localhost only");
    return "host";
  }
  if (!request.origin.empty() && request.origin != "http://" + request.host) {
    reply = problem(403, "requests from other sites are refused");
    return "origin";
  }
  if (request.site == "cross-site" && request.path.starts_with("/api/")) {
    reply = problem(403, "requests from other sites are refused");
    return "site";
  }
  if (!options_.token.empty() && request.path.starts_with("/api/")) {
    const std::string bearer = request.authorization.starts_with("Bearer ")
                                   ? request.authorization.substr(7)
                                   : in_query(request.query, "token");
    if (!equal_in_time(bearer, options_.token)) {
      reply = problem(401, "a token is needed; open the address that headrace serve printed");
      return "token";
    }
  }
  return "";
}

void Site::handle(const Request& request, std::shared_ptr<Exchange> exchange) {
  Reply reply;
  if (!refused(request, reply).empty()) return exchange->reply(std::move(reply));
  if (request.path.starts_with("/api/") || request.path == "/healthz") {
    api(request, exchange);
  } else {
    page(request, exchange);
  }
}

// ------------------------------------------------------------ the page's files

void Site::page(const Request& request, const Shared& exchange) {
  if (request.method != "GET" && request.method != "HEAD") {
    return exchange->reply(problem(405, "only GET and HEAD here"));
  }
  const std::string path = request.path == "/" ? "/index.html" : request.path;
  Reply reply;
  reply.headers = {{"Content-Security-Policy", kPolicy}};
  if (!options_.ui_dir.empty()) {
    // A plain file below the folder; nothing that walks out of it.
    const bool safe = path.find("..") == std::string::npos && path.find('%') == std::string::npos;
    std::ifstream file(fs::path(options_.ui_dir) / path.substr(1), std::ios::binary);
    if (!safe || !file) return exchange->reply(problem(404, "there is no such page"));
    reply.body.assign(std::istreambuf_iterator<char>(file), {});
    reply.type = type_of(path);
    reply.headers.emplace_back("Cache-Control", "no-store");
    return exchange->reply(std::move(reply));
  }
  const Asset* asset = find_asset(path);
  if (!asset) return exchange->reply(problem(404, "there is no such page"));
  const std::string tag = fmt::format("\"{}\"", asset->tag);
  reply.headers.emplace_back("ETag", tag);
  reply.headers.emplace_back("Cache-Control",
                             asset->immutable ? "public, max-age=31536000, immutable" : "no-cache");
  reply.headers.emplace_back("Vary", "Accept-Encoding");
  reply.type = std::string(asset->type);
  if (request.if_none_match.find(tag) != std::string::npos) {
    reply.status = 304;
    return exchange->reply(std::move(reply));
  }
  if (request.accept_encoding.find("gzip") != std::string::npos) {
    reply.headers.emplace_back("Content-Encoding", "gzip");
    reply.body = std::string(asset->gzip);
  } else {
    reply.body = inflate(asset->gzip);
  }
  exchange->reply(std::move(reply));
}

// ------------------------------------------------------------ data

void Site::api(const Request& request, const Shared& exchange) {
  if (request.method == "GET" || request.method == "HEAD") return get(request, exchange);
  if (request.method == "POST" || request.method == "PUT") return post(request, exchange);
  exchange->reply(problem(405, "only GET, POST and PUT here"));
}

void Site::get(const Request& request, const Shared& exchange) {
  if (request.path == "/healthz") return exchange->reply({200, "text/plain", "ok\n", {}});
  if (request.path == "/api/openapi.json") return exchange->reply(json(200, openapi()));
  if (request.path == "/api/events") return events(exchange);
  if (request.path == "/api/model") {
    std::lock_guard lock(mutex_);
    Reply reply = json(200, model_json_);
    reply.headers.emplace_back("X-Headrace-Edit", options_.edit ? "yes" : "no");
    return exchange->reply(std::move(reply));
  }
  if (request.path == "/api/law") return law(request, exchange);
  if (request.path == "/api/claims") {
    Queue::Work work;
    work.thorough = [this, exchange](const std::atomic<bool>& stop) {
      run::RunOptions options;
      options.stop = &stop;
      auto answer = live_->ask({}, options);
      if (!answer) {
        exchange->reply(problem(status_of(answer.error().kind), answer.error().message));
        return true;
      }
      if (!*answer) return false;
      report::RunReportOptions reported;
      reported.hash = live_->project().hash();
      const auto report = report::make_run_report(*(*answer)->model, (*answer)->result, reported);
      exchange->reply(json(200, report::claims_to_json(report)));
      return true;
    };
    work.end = [exchange](Queue::End end) {
      if (end != Queue::End::kDone) exchange->reply(problem(503, "the server is closing"));
    };
    if (!queue_.submit(std::move(work))) exchange->reply(problem(503, "too much work waits"));
    return;
  }
  exchange->reply(problem(404, "there is no such address; see /api/openapi.json"));
}

void Site::post(const Request& request, const Shared& exchange) {
  if (request.path == "/api/run") return run(request, exchange);
  if (request.path == "/api/compare") return compare(request, exchange);
  if (request.path == "/api/explain") return explain(request, exchange);
  if (request.path == "/api/watch") return watch(request, exchange);
  if (request.path == "/api/classify" || request.path == "/api/classify/table" ||
      request.path == "/api/catalogue") {
    return law(request, exchange);
  }
  if (request.path == "/api/diagnostics" || request.path == "/api/files") {
    if (!options_.edit) {
      return exchange->reply(problem(403, "the model is read-only; start with --edit"));
    }
    return request.path == "/api/files" ? save(request, exchange) : diagnose(request, exchange);
  }
  exchange->reply(problem(404, "there is no such address; see /api/openapi.json"));
}

void Site::events(const Shared& exchange) {
  std::lock_guard lock(mutex_);
  std::erase_if(events_, [](const Shared& each) { return each->gone(); });
  if (events_.size() >= kMostEvents) {
    return exchange->reply(problem(503, "too many pages listen already"));
  }
  const std::string data = text_of(Json{{"hash", hash_}, {"error", error_}});
  exchange->begin({200,
                   "text/event-stream",
                   "retry: 2000\n\n" + event("hello", data),
                   {{"Cache-Control", "no-store"}}});
  events_.push_back(exchange);
}

void Site::tell(const std::string& name, const std::string& data) {
  std::lock_guard lock(mutex_);
  for (const Shared& listener : events_) listener->send(event(name, data));
}

// Submits; the stream ends when the work does.
void Site::stream(const Shared& exchange, Queue::Work work, uint32_t sequence) {
  exchange->begin(head_of_frames());
  work.gone = [exchange] { return exchange->gone(); };
  work.end = [exchange, sequence](Queue::End end) {
    if (end != Queue::End::kDone) {
      Frame frame;
      frame.kind = Frame::Kind::kSuperseded;
      frame.sequence = sequence;
      frame.directory["reason"] =
          end == Queue::End::kClosing ? "the server is closing" : "a newer request came";
      exchange->send(encode(frame));
    }
    exchange->end();
  };
  if (queue_.submit(std::move(work))) return;
  exchange->send(error_frame(sequence, {base::Error::Kind::kIo, "too much work waits"}));
  exchange->end();
}

void Site::run(const Request& request, const Shared& exchange) {
  auto read = read_run(request.body);
  if (!read) {
    return exchange->reply(problem(status_of(read.error().kind), read.error().message));
  }
  const auto asked = std::make_shared<RunRequest>(std::move(*read));
  const std::string key = key_of(*asked);
  {
    std::lock_guard lock(mutex_);
    const auto known = settled_.find(key);
    if (known != settled_.end()) {
      std::string frame = known->second;
      std::memcpy(frame.data() + 8, &asked->sequence, 4);
      exchange->begin(head_of_frames());
      exchange->send(std::move(frame));
      return exchange->end();
    }
  }
  Queue::Work work;
  work.view = asked->view.empty() ? "" : "run " + asked->view;
  const auto phase = [this, asked, exchange, key](uint64_t draws, const std::atomic<bool>& stop) {
    if (exchange->gone()) return true;
    auto frame = answer_run(*live_, *asked, draws, stop);
    if (!frame) {
      exchange->send(error_frame(asked->sequence, frame.error()));
      return true;
    }
    if (!*frame) return false;
    std::string bytes = encode(**frame);
    if ((*frame)->kind == Frame::Kind::kSettled) remember(key, bytes);
    exchange->send(std::move(bytes));
    return true;
  };
  // A wrong question is wrong in every phase; the later ones are for good ones only.
  auto over = std::make_shared<bool>(false);
  if (asked->preview) {
    work.quick = [this, asked, exchange, phase, over](const std::atomic<bool>& stop) {
      auto checked = live_->check(asked->question);
      if (!checked) {
        exchange->send(error_frame(asked->sequence, checked.error()));
        *over = true;
        return true;
      }
      const uint64_t draws = std::min(asked->draws, quick_draws(*live_, *asked, queue_.hurried()));
      const bool certain =
          asked->question.changes.empty() && !workbench::is_uncertain(live_->model());
      *over = draws >= asked->draws || certain;
      return phase(draws, stop);
    };
    work.firmer = [this, asked, phase, over](const std::atomic<bool>& stop) {
      const uint64_t draws = firmer_draws(*live_, *asked);
      return *over || draws == 0 ? true : phase(draws, stop);
    };
  }
  work.thorough = [asked, phase, over](const std::atomic<bool>& stop) {
    return *over ? true : phase(asked->draws, stop);
  };
  stream(exchange, std::move(work), asked->sequence);
}

void Site::compare(const Request& request, const Shared& exchange) {
  auto read = read_compare(request.body);
  if (!read) {
    return exchange->reply(problem(status_of(read.error().kind), read.error().message));
  }
  const auto asked = std::make_shared<CompareRequest>(std::move(*read));
  Queue::Work work;
  work.view = asked->view.empty() ? "" : "compare " + asked->view;
  work.thorough = [this, asked, exchange](const std::atomic<bool>& stop) {
    auto frame = answer_compare(*live_, *asked, stop);
    if (frame && !*frame) return false;
    exchange->send(frame ? encode(**frame) : error_frame(0, frame.error()));
    return true;
  };
  stream(exchange, std::move(work), 0);
}

void Site::explain(const Request& request, const Shared& exchange) {
  auto read = read_explain(request.body);
  if (!read) {
    return exchange->reply(problem(status_of(read.error().kind), read.error().message));
  }
  const auto asked = std::make_shared<ExplainRequest>(std::move(*read));
  Queue::Work work;
  work.view = asked->view.empty() ? "" : "explain " + asked->view;
  work.thorough = [this, asked, exchange](const std::atomic<bool>& stop) {
    auto frame = answer_explain(*live_, *asked, stop);
    if (frame && !*frame) return false;
    exchange->send(frame ? encode(**frame) : error_frame(0, frame.error()));
    return true;
  };
  stream(exchange, std::move(work), 0);
}

void Site::watch(const Request& request, const Shared& exchange) {
  auto read = read_watch(request.body);
  if (!read) {
    return exchange->reply(problem(status_of(read.error().kind), read.error().message));
  }
  const auto asked = std::make_shared<WatchRequest>(std::move(*read));
  Queue::Work work;
  work.view = asked->view.empty() ? "" : "watch " + asked->format + " " + asked->view;
  work.thorough = [this, asked, exchange](const std::atomic<bool>& stop) {
    auto answer = answer_watch(monitor_, *live_, options_.model, *asked, stop);
    if (answer && !*answer) return false;
    exchange->reply(answer ? Reply{200,
                                   (*answer)->type,
                                   std::move((*answer)->text),
                                   {{"Cache-Control", "no-store"}}}
                           : problem(status_of(answer.error().kind), answer.error().message));
    return true;
  };
  work.gone = [exchange] { return exchange->gone(); };
  work.end = [exchange](Queue::End end) {
    if (end == Queue::End::kDone) return;
    exchange->reply(problem(
        503, end == Queue::End::kClosing ? "the server is closing" : "a newer request came"));
  };
  if (!queue_.submit(std::move(work))) exchange->reply(problem(503, "too much work waits"));
}

// ------------------------------------------------------------ law

void Site::law(const Request& request, const Shared& exchange) {
  std::shared_ptr<Law> law;
  {
    std::lock_guard lock(mutex_);
    law = law_;
  }
  if (!law) return exchange->reply(problem(404, "there are no rules"));
  Queue::Work work;
  work.quick = [law, exchange, path = request.path, body = request.body](const auto&) {
    const auto about_case = [&](auto&& answer) -> base::Result<Json> {
      const auto asked = read_case(body);
      if (!asked) return std::unexpected(asked.error());
      return answer(*law, *asked);
    };
    const auto answer = [&]() -> base::Result<Json> {
      if (path == "/api/law") return workbench::law_to_json(*law->classifier);
      if (path == "/api/classify") return about_case(answer_case);
      if (path == "/api/catalogue") return about_case(answer_catalogue);
      const auto table = read_table(body);
      if (!table) return std::unexpected(table.error());
      return answer_table(*law, *table);
    }();
    exchange->reply(answer ? json(200, text_of(*answer))
                           : problem(status_of(answer.error().kind), answer.error().message));
    return true;
  };
  work.end = [exchange](Queue::End end) {
    if (end != Queue::End::kDone) exchange->reply(problem(503, "the server is closing"));
  };
  if (!clerk_.submit(std::move(work))) exchange->reply(problem(503, "too much work waits"));
}

// ------------------------------------------------------------ editing

void Site::diagnose(const Request& request, const Shared& exchange) {
  auto files = read_files(request.body);
  if (!files) {
    return exchange->reply(problem(status_of(files.error().kind), files.error().message));
  }
  workbench::Drafts drafts;
  for (TextFile& file : *files) drafts[file.name] = std::move(file.text);
  Queue::Work work;
  work.quick = [this, exchange, drafts](const std::atomic<bool>&) {
    auto project = workbench::open(options_.model, drafts);
    if (!project) {
      exchange->reply(problem(status_of(project.error().kind), project.error().message));
      return true;
    }
    text::Diagnostics found;
    const bool good = workbench::resolve(**project, {}, found).has_value();
    Json out = {{"good", good}, {"diagnostics", describe(found, (*project)->sources)}};
    exchange->reply(json(200, text_of(out)));
    return true;
  };
  work.end = [exchange](Queue::End end) {
    if (end != Queue::End::kDone) exchange->reply(problem(503, "the server is closing"));
  };
  if (!queue_.submit(std::move(work))) exchange->reply(problem(503, "too much work waits"));
}

void Site::save(const Request& request, const Shared& exchange) {
  auto files = read_files(request.body);
  if (!files) {
    return exchange->reply(problem(status_of(files.error().kind), files.error().message));
  }
  Queue::Work work;
  work.quick = [this, exchange, files = std::move(*files)](const std::atomic<bool>&) {
    const workbench::Project& project = live_->project();
    for (const TextFile& file : files) {
      // Only files that the model was read from, never a path from the request.
      const auto known =
          std::find_if(project.files.begin(), project.files.end(),
                       [&](text::SourceId id) { return project.sources[id].name == file.name; });
      const bool own =
          known != project.files.end() && project.sources[*known].path.extension() == ".hr";
      if (!own) {
        exchange->reply(problem(404, fmt::format("'{}' is no .hr file of this model", file.name)));
        return true;
      }
      if (auto written = replace(project.sources[*known].path, file.text); !written) {
        exchange->reply(problem(500, written.error().message));
        return true;
      }
    }
    reload();
    std::lock_guard lock(mutex_);
    exchange->reply(json(200, text_of(Json{{"hash", hash_}, {"error", error_}})));
    return true;
  };
  work.end = [exchange](Queue::End end) {
    if (end != Queue::End::kDone) exchange->reply(problem(503, "the server is closing"));
  };
  if (!queue_.submit(std::move(work))) exchange->reply(problem(503, "too much work waits"));
}

// On the worker's thread. A model with errors leaves the last good one in use.
void Site::reload() {
  auto live = workbench::Live::open(options_.model, options_.backend, options_.threads);
  if (!live) {
    {
      std::lock_guard lock(mutex_);
      error_ = live.error().message;
    }
    tell("model-error", text_of(Json{{"error", live.error().message}}));
    return;
  }
  live_ = std::move(*live);
  const std::string described = this->described();
  {
    std::lock_guard lock(mutex_);
    model_json_ = described;
    hash_ = live_->project().hash();
    error_.clear();
    settled_.clear();
    settled_order_.clear();
  }
  tell("model-changed", text_of(Json{{"hash", live_->project().hash()}}));
  if (options_.talk) options_.talk("the model was read again");
}

// Changes with every file of the model.
std::string Site::stamp() const {
  std::error_code failure;
  const fs::path root = options_.model.empty() ? fs::path(".") : fs::path(options_.model);
  uint64_t h = 0;
  const auto look = [&](const fs::path& path) {
    std::error_code unknown;
    const auto when = fs::last_write_time(path, unknown).time_since_epoch().count();
    h = base::combine(
        h, base::hash(path.string()) ^ static_cast<uint64_t>(when) ^ fs::file_size(path, unknown));
  };
  if (!fs::is_directory(root, failure)) {
    look(root);
    return fmt::format("{:x}", h);
  }
  size_t seen = 0;
  for (fs::recursive_directory_iterator walk(root, failure), end; !failure && walk != end;
       walk.increment(failure)) {
    std::error_code unknown;
    const std::string ending = walk->path().extension().string();
    if (!walk->is_regular_file(unknown) || (ending != ".hr" && ending != ".csv")) continue;
    look(walk->path());
    if (++seen > 10'000) break;
  }
  return fmt::format("{:x}", h);
}

void Site::tick() {
  queue_.sweep();
  if (++quiet_ticks_ >= kTicksOfQuiet) {
    quiet_ticks_ = 0;
    std::lock_guard lock(mutex_);
    std::erase_if(events_, [](const Shared& each) { return each->gone(); });
    for (const Shared& listener : events_) listener->send(": still here\n\n");
  }
  if (!options_.watch) return;
  std::string now = stamp();
  if (now == stamp_) return;
  stamp_ = std::move(now);
  Queue::Work work;
  work.view = "reload";
  work.quick = [this](const std::atomic<bool>&) {
    reload();
    return true;
  };
  work.end = [](Queue::End) {};
  queue_.submit(std::move(work));
}

// ------------------------------------------------------------ serve

base::Result<void> serve(const ServeOptions& options) {
  auto live = workbench::Live::open(options.model, options.backend, options.threads);
  if (!live) return std::unexpected(live.error());
  Site site(options, std::move(*live));
  HttpOptions http;
  http.host = options.host;
  http.port = options.port;
  http.walk = options.walk ? 20 : 0;
  http.stop = options.stop;
  http.most_connections = options.most_connections;
  http.read_seconds = options.read_seconds;
  http.ready = [&](uint16_t port) {
    site.listens_at(port);
    if (options.ready) options.ready(port);
  };
  http.tick = [&site] { site.tick(); };
  http.closing = [&site] { site.close(); };
  return serve_http(http, [&site](const Request& request, std::shared_ptr<Exchange> exchange) {
    site.handle(request, std::move(exchange));
  });
}

}  // namespace headrace::server
