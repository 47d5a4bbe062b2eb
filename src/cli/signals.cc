#include "cli/signals.h"

#include <unistd.h>

#include <csignal>

#include "cli/exit_code.h"

namespace headrace::cli {
namespace {

std::atomic<bool> stop = false;
std::atomic<int> cause = 0;
static_assert(std::atomic<bool>::is_always_lock_free && std::atomic<int>::is_always_lock_free);

void on_stop(int number) {
  if (stop.exchange(true)) _exit(number == SIGTERM ? kTerminated : kInterrupted);
  cause = number;
}

void on_broken_pipe(int) { _exit(kBrokenPipe); }

void handle(int number, void (*handler)(int)) {
  struct sigaction action = {};
  action.sa_handler = handler;
  sigemptyset(&action.sa_mask);
  sigaction(number, &action, nullptr);
}

}  // namespace

void install_signals() {
  handle(SIGINT, on_stop);
  handle(SIGTERM, on_stop);
  handle(SIGPIPE, on_broken_pipe);
}

const std::atomic<bool>& stop_requested() { return stop; }

int signal_exit_code() { return cause == SIGTERM ? kTerminated : kInterrupted; }

}  // namespace headrace::cli
