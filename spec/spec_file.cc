#include "spec_file.h"

#include <fmt/format.h>

namespace headrace::spec {
namespace {

constexpr std::string_view kMark = "--- ";

struct Section {
  std::string head;  // what follows the mark
  std::string body;
};

std::vector<Section> sections(const std::string& text, std::string& prose) {
  std::vector<Section> out;
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find('\n', at), text.size());
    const std::string line = text.substr(at, end - at);
    at = end + 1;
    if (line.starts_with(kMark)) {
      out.push_back({line.substr(kMark.size()), ""});
    } else {
      (out.empty() ? prose : out.back().body) += line + "\n";
    }
  }
  return out;
}

bool is_safe(const std::string& name) {
  return !name.empty() && name[0] != '/' && name.find("..") == std::string::npos;
}

void print_part(std::string& out, const std::string& head, const std::string& body) {
  if (!out.empty() && out.back() == '\n' && !out.ends_with("\n\n")) out += '\n';
  out += fmt::format("{}{}\n{}", kMark, head, body);
}

}  // namespace

std::string trimmed(std::string text) {
  text.erase(text.find_last_not_of(" \n") + 1);
  return text.empty() ? text : text + "\n";
}

std::optional<Spec> parse(const std::string& text, std::string& why) {
  Spec spec;
  for (Section& section : sections(text, spec.prose)) {
    std::string& head = section.head;
    if (head.starts_with("$ ")) {
      spec.commands.push_back(Command{head.substr(2), "", "", 0});
      spec.files.emplace_back();
      if (!trimmed(section.body).empty()) why = "text between `--- $` and `--- out`";
    } else if (head == "out" || head == "err" || head.starts_with("exit ")) {
      if (spec.commands.empty() || !spec.commands.back()) {
        why = fmt::format("`--- {}` without a command above it", head);
        return std::nullopt;
      }
      Command& command = *spec.commands.back();
      if (head == "out") command.out = trimmed(section.body);
      if (head == "err") command.err = trimmed(section.body);
      if (head.starts_with("exit ")) command.exit = std::atoi(head.c_str() + 5);
    } else if (is_safe(head)) {
      spec.files.push_back(File{head, trimmed(section.body)});
      spec.commands.emplace_back();
    } else {
      why = fmt::format("cannot read `--- {}`", head);
    }
  }
  if (!why.empty()) return std::nullopt;
  return spec;
}

std::string print(const Spec& spec) {
  std::string out = trimmed(spec.prose);
  for (size_t i = 0; i < spec.files.size(); ++i) {
    if (spec.files[i]) print_part(out, spec.files[i]->name, spec.files[i]->text);
    if (!spec.commands[i]) continue;
    const Command& command = *spec.commands[i];
    print_part(out, "$ " + command.line, "");
    if (!command.out.empty()) out += fmt::format("{}out\n{}", kMark, command.out);
    if (!command.err.empty()) out += fmt::format("{}err\n{}", kMark, command.err);
    if (command.exit != 0) out += fmt::format("{}exit {}\n", kMark, command.exit);
  }
  return out;
}

}  // namespace headrace::spec
