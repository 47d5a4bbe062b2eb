#pragma once

// What each address answers. Runs on the HTTP thread, except what the queue's worker computes; the
// model is touched by the worker alone.

#include <memory>
#include <mutex>
#include <string>

#include "server/http.h"
#include "server/law.h"
#include "server/listeners.h"
#include "server/queue.h"
#include "server/replies.h"
#include "server/requests.h"
#include "server/server.h"
#include "server/settled.h"
#include "server/steady.h"
#include "workbench/live.h"
#include "workbench/monitor.h"

namespace headrace::server {

class Site {
 public:
  // The model was opened; its description and default answer are computed at once.
  Site(const ServeOptions& options, std::unique_ptr<workbench::Live> live);
  ~Site();

  void handle(const Request& request, std::shared_ptr<Exchange> exchange);
  void listens_at(uint16_t port) { port_ = port; }
  // Looks whether files changed, and keeps event streams awake.
  void tick();
  // Ends event streams and the worker.
  void close();

 private:
  using Shared = std::shared_ptr<Exchange>;

  void api(const Request& request, const Shared& exchange);
  void get(const Request& request, const Shared& exchange);
  void post(const Request& request, const Shared& exchange);
  void run(const Request& request, const Shared& exchange);
  void watch(const Request& request, const Shared& exchange);
  // What moves the first charts, for pages to list that first. False when stopped.
  bool find_reach(const std::atomic<bool>& stop);
  void reach(const Shared& exchange);
  void law(const Request& request, const Shared& exchange);
  void diagnose(const Request& request, const Shared& exchange);
  void save(const Request& request, const Shared& exchange);
  template <typename Asked, typename Answer>
  void frame(const Shared& exchange, const char* what, base::Result<Asked> read, Answer answer);
  void stream(const Shared& exchange, Queue::Work work, uint32_t sequence);
  // The model's description, with the law it is under, which is opened here.
  void describe_it();
  void warm_up();
  void ahead(const std::string& what, std::function<bool(const std::atomic<bool>& stop)> work);
  // Settles a question that nobody asked yet. False when stopped.
  bool settle(const RunRequest& request, const std::atomic<bool>& stop);
  std::vector<std::string> first_charts() const;
  // Keeps a settled answer, with what previews say of the same question.
  void keep(const RunRequest& request, const Frame& settled, const std::atomic<bool>& stop);
  void reload();

  const ServeOptions& options_;
  uint16_t port_ = 0;
  std::unique_ptr<workbench::Live> live_;  // the worker's
  workbench::Monitor monitor_;             // the worker's
  Steady steady_;                          // the worker's
  mutable std::mutex mutex_;               // for what follows
  Tagged whole_, first_;        // the model's description, and what of it the first page shows
  std::optional<Reply> reach_;  // once known
  std::string hash_, error_;
  std::shared_ptr<Law> law_;  // asked by the clerk's thread alone
  Settled settled_;
  Listeners listeners_;
  std::string stamp_;
  int quiet_ticks_ = 0;
  // Last: their threads use everything above. The clerk answers about law, so that neither a
  // simulation nor a long table holds up the other.
  Queue queue_, clerk_;
};

}  // namespace headrace::server
