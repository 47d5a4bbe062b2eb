#include <fmt/format.h>
#include <spawn.h>

#include <cstdio>
#include <filesystem>
#include <random>

#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/session.h"
#include "cli/signals.h"
#include "cli/terminal.h"
#include "server/server.h"

extern char** environ;

namespace headrace::cli {
namespace {

// Thirty-two digits that nobody guesses.
std::string secret() {
  std::random_device source;
  std::string text;
  for (int i = 0; i < 4; ++i) text += fmt::format("{:08x}", source());
  return text;
}

void open_browser(const std::string& address) {
  std::string program = "xdg-open", argument = address;
  char* const words[] = {program.data(), argument.data(), nullptr};
  pid_t child = 0;
  if (::posix_spawnp(&child, program.c_str(), nullptr, nullptr, words, environ) != 0) {
    say("there is no xdg-open; open the address yourself");
  }
}

bool is_this_computer(const std::string& host) { return host == "127.0.0.1" || host == "::1"; }

}  // namespace

int serve_command(const Arguments& args) {
  server::ServeOptions options;
  options.model = model_path(args);
  options.host = args.host;
  options.edit = args.edit;
  options.watch = args.watch;
  options.ui_dir = args.ui_dir;
  options.token = args.token;
  options.posterior = args.posterior;
  options.threads = args.threads;
  options.backend = args.backend;
  options.stop = &stop_requested();
  if (args.port) {
    options.port = static_cast<uint16_t>(*args.port);
    options.walk = false;
  }
  if (!is_this_computer(args.host) && !args.lan) {
    end_with(kUsage, fmt::format("--host {} would show the model to other computers; say --i-know "
                                 "if that is meant",
                                 args.host));
  }
  if (!args.ui_dir.empty() && !std::filesystem::is_directory(args.ui_dir)) {
    end_with(kNotFound, fmt::format("--ui-dir '{}' is no folder", args.ui_dir));
  }
  if (options.token.empty() && (args.edit || !is_this_computer(args.host))) {
    options.token = secret();
  }
  options.ready = [&](uint16_t port) {
    const std::string shown =
        args.host.find(':') == std::string::npos ? args.host : "[" + args.host + "]";
    std::string address = fmt::format("http://{}:{}/", shown, port);
    if (!options.token.empty()) address += "#token=" + options.token;
    if (args.format == Format::kJson) {
      fmt::print("{{\"address\":\"{}\",\"port\":{},\"token\":\"{}\"}}\n", address, port,
                 options.token);
    } else if (!args.quiet) {
      fmt::print("{}\n", address);
    }
    std::fflush(stdout);
    if (!args.quiet) {
      say(fmt::format("serves {} until Ctrl-C", options.model.empty() ? "." : options.model));
      if (!is_this_computer(args.host)) warn("other computers can reach this address");
    }
    if (args.open) open_browser(address);
  };
  options.talk = [&](const std::string& line) {
    if (!args.quiet) say(line);
  };
  or_end(server::serve(options));
  return kDone;  // Ctrl-C is how it ends
}

}  // namespace headrace::cli
