#include "server/site.h"

#include <fmt/format.h>

#include <algorithm>

#include "report/json.h"
#include "server/answers.h"
#include "server/describe.h"
#include "server/gate.h"
#include "server/model_files.h"
#include "server/openapi.h"
#include "server/page_files.h"
#include "server/watch.h"
#include "text/diagnostic.h"
#include "workbench/posterior.h"
#include "workbench/reach.h"
#include "workbench/rulings.h"

namespace headrace::server {
namespace {

constexpr size_t kFirstCharts = 4;  // of a page that was asked for none
constexpr int kTicksOfQuiet = 30;   // half seconds between signs of life

std::string error_frame(uint32_t sequence, const base::Error& error) {
  Frame frame;
  frame.kind = Frame::Kind::kError;
  frame.sequence = sequence;
  frame.directory = {{"error", error.message}, {"status", status_of(error.kind)}};
  return encode(frame);
}

// The model with the posterior that its draws come from.
base::Result<std::unique_ptr<workbench::Live>> open_live(const ServeOptions& options) {
  auto live = workbench::Live::open(options.model, options.backend, options.threads);
  if (!live || options.posterior.empty()) return live;
  auto fitted = workbench::fit_posterior(options.posterior, (*live)->model());
  if (!fitted) return std::unexpected(fitted.error());
  for (const std::string& remark : fitted->remarks) {
    if (options.talk) options.talk("warning: " + remark);
  }
  (*live)->take(fitted->posterior);
  return live;
}

std::string why(Queue::End end) {
  return end == Queue::End::kClosing ? "the server is closing" : "a newer request came";
}

// Work that answers with one reply.
void submit(Queue& queue, const std::shared_ptr<Exchange>& exchange, Queue::Work work) {
  work.end = [exchange](Queue::End end) {
    if (end != Queue::End::kDone) exchange->reply(problem(503, why(end)));
  };
  if (!queue.submit(std::move(work))) exchange->reply(problem(503, "too much work waits"));
}

Reply head_of_frames() {
  return {200, "application/vnd.headrace.frames", "", {{"Cache-Control", "no-store"}}};
}

}  // namespace

Site::Site(const ServeOptions& options, std::unique_ptr<workbench::Live> live)
    : options_(options), live_(std::move(live)) {
  describe_it();
  stamp_ = stamp_of(options_.model);
  warm_up();
}

Site::~Site() { close(); }

void Site::close() {
  queue_.close();
  clerk_.close();
  listeners_.end();
}

void Site::describe_it() {
  Json json = describe(*live_);
  if (!options_.posterior.empty()) {
    const auto posterior = live_->posterior({});
    if (posterior) {
      json["posterior"] = {{"file", options_.posterior},
                           {"text", workbench::in_words(**posterior)}};
    }
  }
  std::shared_ptr<Law> law = open_law(options_.model);
  if (law) add_law(*law, json);
  Tagged whole = tagged(text_of(json)), first = tagged(text_of(first_part(json)));
  std::lock_guard lock(mutex_);
  law_ = std::move(law);
  whole_ = std::move(whole);
  first_ = std::move(first);
  reach_.reset();
  hash_ = live_->project().hash();
  error_.clear();
}

std::vector<std::string> Site::first_charts() const {
  std::vector<std::string> names = Json::parse(first_.body)["headline"];
  names.resize(std::min(names.size(), kFirstCharts));
  return names;
}

// Computes what the pages show first before anybody asks for it: the answers, what moves the
// charts, the charts.
void Site::warm_up() {
  RunRequest overview, explore;
  if (live_->model().claims.empty()) {
    overview.question.outputs = Json::parse(first_.body)["headline"];
  }
  explore.question.outputs = first_charts();
  explore.question.answers = false;
  ahead("overview", [this, overview](const auto& stop) { return settle(overview, stop); });
  ahead("reach", [this](const auto& stop) { return find_reach(stop); });
  ahead("explore", [this, explore](const auto& stop) { return settle(explore, stop); });
}

void Site::ahead(const std::string& what,
                 std::function<bool(const std::atomic<bool>& stop)> thorough) {
  Queue::Work work;
  work.view = "ahead " + what;
  work.patient = true;
  work.thorough = std::move(thorough);
  work.end = [](Queue::End) {};
  queue_.submit(std::move(work));
}

bool Site::settle(const RunRequest& request, const std::atomic<bool>& stop) {
  if (settled_.find(request)) return true;  // somebody asked the same meanwhile
  auto frame = answer_run(*live_, request, request.draws, stop);
  if (!frame) return true;
  if (!*frame) return false;
  settled_.remember(request, encode(**frame));
  keep(request, **frame, stop);
  return true;
}

void Site::keep(const RunRequest& request, const Frame& settled, const std::atomic<bool>& stop) {
  if (request.question.outputs.empty() || settled.directory["single"]) return;
  steady_.settle(request, settled);
  // The speed of a drag's first preview is not yet known for sure.
  const uint64_t quick = quick_draws(*live_, request, 0);
  for (const uint64_t draws : {quick, quick / 2, firmer_draws(*live_, request)}) {
    if (draws == 0 || draws >= settled.draws) continue;
    const auto preview = answer_run(*live_, request, draws, stop);
    if (!preview || !*preview) return;
    steady_.add(request, draws, **preview);
  }
}

void Site::handle(const Request& request, std::shared_ptr<Exchange> exchange) {
  if (auto refused = refusal(request, options_)) return exchange->reply(std::move(*refused));
  if (request.path.starts_with("/api/") || request.path == "/healthz") {
    api(request, exchange);
  } else {
    exchange->reply(page_file(request, options_.ui_dir));
  }
}

// ------------------------------------------------------------ data

void Site::api(const Request& request, const Shared& exchange) {
  if (request.method == "GET" || request.method == "HEAD") return get(request, exchange);
  if (request.method == "POST" || request.method == "PUT") return post(request, exchange);
  exchange->reply(problem(405, "only GET, POST and PUT here"));
}

void Site::get(const Request& request, const Shared& exchange) {
  if (request.path == "/healthz") return exchange->reply({200, "text/plain", "ok\n", {}});
  if (request.path == "/api/openapi.json") return exchange->reply(json_reply(200, openapi()));
  if (request.path == "/api/events") {
    std::lock_guard lock(mutex_);
    return listeners_.add(exchange, text_of(Json{{"hash", hash_}, {"error", error_}}));
  }
  if (request.path == "/api/model" || request.path == "/api/model/first") {
    std::lock_guard lock(mutex_);
    Reply reply = json_reply(request, request.path == "/api/model" ? whole_ : first_);
    reply.headers.emplace_back("X-Headrace-Edit", options_.edit ? "yes" : "no");
    return exchange->reply(std::move(reply));
  }
  if (request.path == "/api/law") return law(request, exchange);
  if (request.path == "/api/reach") return reach(exchange);
  if (request.path == "/api/claims") {
    Queue::Work work;
    work.thorough = [this, exchange](const std::atomic<bool>& stop) {
      run::RunOptions options;
      options.stop = &stop;
      auto answer = live_->ask({}, options);
      if (!answer) {
        exchange->reply(problem(answer.error()));
        return true;
      }
      if (!*answer) return false;
      report::RunReportOptions reported;
      reported.hash = live_->project().hash();
      const auto report = report::make_run_report(*(*answer)->model, (*answer)->result, reported);
      exchange->reply(json_reply(200, report::claims_to_json(report)));
      return true;
    };
    return submit(queue_, exchange, std::move(work));
  }
  exchange->reply(problem(404, "there is no such address; see /api/openapi.json"));
}

// One frame and no preview.
template <typename Asked, typename Answer>
void Site::frame(const Shared& exchange, const char* what, base::Result<Asked> read,
                 Answer answer) {
  if (!read) return exchange->reply(problem(read.error()));
  const auto asked = std::make_shared<Asked>(std::move(*read));
  Queue::Work work;
  work.view = asked->view.empty() ? "" : fmt::format("{} {}", what, asked->view);
  work.thorough = [this, asked, exchange, answer](const std::atomic<bool>& stop) {
    auto frame = answer(*live_, *asked, stop);
    if (frame && !*frame) return false;
    exchange->send(frame ? encode(**frame) : error_frame(0, frame.error()));
    return true;
  };
  stream(exchange, std::move(work), 0);
}

void Site::post(const Request& request, const Shared& exchange) {
  if (request.path == "/api/run") return run(request, exchange);
  if (request.path == "/api/compare")
    return frame(exchange, "compare", read_compare(request.body), answer_compare);
  if (request.path == "/api/explain")
    return frame(exchange, "explain", read_explain(request.body), answer_explain);
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

// Submits; the stream ends when the work does.
void Site::stream(const Shared& exchange, Queue::Work work, uint32_t sequence) {
  exchange->begin(head_of_frames());
  work.gone = [exchange] { return exchange->gone(); };
  work.end = [exchange, sequence](Queue::End end) {
    if (end != Queue::End::kDone) {
      Frame frame;
      frame.kind = Frame::Kind::kSuperseded;
      frame.sequence = sequence;
      frame.directory["reason"] = why(end);
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
  if (!read) return exchange->reply(problem(read.error()));
  const auto asked = std::make_shared<RunRequest>(std::move(*read));
  if (auto known = settled_.find(*asked)) {
    exchange->begin(head_of_frames());
    exchange->send(std::move(*known));
    return exchange->end();
  }
  Queue::Work work;
  work.view = asked->view.empty() ? "" : "run " + asked->view;
  const auto phase = [this, asked, exchange](uint64_t draws, const std::atomic<bool>& stop) {
    if (exchange->gone()) return true;
    if (draws >= asked->draws) {  // somebody asked the same meanwhile
      if (auto known = settled_.find(*asked)) return exchange->send(std::move(*known)), true;
    }
    auto frame = answer_run(*live_, *asked, draws, stop);
    if (!frame) {
      exchange->send(error_frame(asked->sequence, frame.error()));
      return true;
    }
    if (!*frame) return false;
    const bool settled = (*frame)->kind == Frame::Kind::kSettled;
    if (!settled) steady_.steady(*asked, draws, **frame);
    std::string bytes = encode(**frame);
    if (settled) settled_.remember(*asked, bytes);
    exchange->send(std::move(bytes));
    if (settled && asked->preview) keep(*asked, **frame, stop);
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
      *over = draws >= asked->draws || live_->is_certain(asked->question);
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

void Site::watch(const Request& request, const Shared& exchange) {
  auto read = read_watch(request.body);
  if (!read) return exchange->reply(problem(read.error()));
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
                           : problem(answer.error()));
    return true;
  };
  work.gone = [exchange] { return exchange->gone(); };
  submit(queue_, exchange, std::move(work));
}

bool Site::find_reach(const std::atomic<bool>& stop) {
  std::vector<std::string> charts;
  {
    std::lock_guard lock(mutex_);
    if (reach_) return true;
    charts = first_charts();
  }
  const auto found = workbench::reach_of(*live_, charts, stop);
  if (found && !*found) return false;
  Json shares = Json::object();
  if (found) {
    for (const auto& [name, share] : **found) shares[name] = share;
  }
  std::lock_guard lock(mutex_);
  reach_ = found ? json_reply(200, text_of(shares)) : problem(found.error());
  return true;
}

void Site::reach(const Shared& exchange) {
  {
    std::lock_guard lock(mutex_);
    if (reach_) return exchange->reply(*reach_);
  }
  Queue::Work work;
  work.thorough = [this, exchange](const std::atomic<bool>& stop) {
    if (!find_reach(stop)) return false;
    std::lock_guard lock(mutex_);
    exchange->reply(*reach_);
    return true;
  };
  work.gone = [exchange] { return exchange->gone(); };
  submit(queue_, exchange, std::move(work));
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
    exchange->reply(answer ? json_reply(200, text_of(*answer)) : problem(answer.error()));
    return true;
  };
  submit(clerk_, exchange, std::move(work));
}

// ------------------------------------------------------------ editing

void Site::diagnose(const Request& request, const Shared& exchange) {
  auto files = read_files(request.body);
  if (!files) return exchange->reply(problem(files.error()));
  workbench::Drafts drafts;
  for (TextFile& file : *files) drafts[file.name] = std::move(file.text);
  Queue::Work work;
  work.quick = [this, exchange, drafts](const std::atomic<bool>&) {
    auto project = workbench::open(options_.model, drafts);
    if (!project) {
      exchange->reply(problem(project.error()));
      return true;
    }
    text::Diagnostics found;
    const bool good = workbench::resolve(**project, {}, found).has_value();
    Json out = {{"good", good}, {"diagnostics", describe(found, (*project)->sources)}};
    exchange->reply(json_reply(200, text_of(out)));
    return true;
  };
  submit(queue_, exchange, std::move(work));
}

void Site::save(const Request& request, const Shared& exchange) {
  auto files = read_files(request.body);
  if (!files) return exchange->reply(problem(files.error()));
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
      if (auto written = replace_file(project.sources[*known].path, file.text); !written) {
        exchange->reply(problem(written.error()));
        return true;
      }
    }
    reload();
    std::lock_guard lock(mutex_);
    exchange->reply(json_reply(200, text_of(Json{{"hash", hash_}, {"error", error_}})));
    return true;
  };
  submit(queue_, exchange, std::move(work));
}

// On the worker's thread. A model with errors leaves the last good one in use.
void Site::reload() {
  auto live = open_live(options_);
  if (!live) {
    {
      std::lock_guard lock(mutex_);
      error_ = live.error().message;
    }
    listeners_.tell("model-error", text_of(Json{{"error", live.error().message}}));
    return;
  }
  live_ = std::move(*live);
  describe_it();
  settled_.clear();
  steady_.clear();
  listeners_.tell("model-changed", text_of(Json{{"hash", live_->project().hash()}}));
  if (options_.talk) options_.talk("the model was read again");
}

void Site::tick() {
  queue_.sweep();
  if (++quiet_ticks_ >= kTicksOfQuiet) {
    quiet_ticks_ = 0;
    listeners_.keep_awake();
  }
  if (!options_.watch) return;
  std::string now = stamp_of(options_.model);
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
  auto live = open_live(options);
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
