#include "page.h"

#include <fmt/format.h>

#include <map>
#include <sstream>
#include <string_view>

namespace headrace::spec {
namespace {

struct Line {
  size_t number = 0;          // from 1
  size_t begin = 0, end = 0;  // of the text without its line break
};

// Something between two lines: a fenced block, or a comment.
struct Block {
  enum class Kind { kFence, kComment };
  Kind kind = Kind::kFence;
  Line head;
  std::string info;  // after the mark
  size_t begin = 0, end = 0;
};

std::vector<Line> lines_of(const std::string& text) {
  std::vector<Line> lines;
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find('\n', at), text.size());
    lines.push_back({lines.size() + 1, at, end});
    at = end + 1;
  }
  return lines;
}

std::vector<Block> blocks_of(const std::string& text, std::string& why) {
  constexpr std::string_view kFence = "```", kComment = "<!--", kCommentEnd = "-->";
  std::vector<Block> blocks;
  std::optional<Block> open;
  for (const Line& line : lines_of(text)) {
    const std::string_view words(text.data() + line.begin, line.end - line.begin);
    if (open) {
      if (words != (open->kind == Block::Kind::kFence ? kFence : kCommentEnd)) continue;
      open->end = line.begin;
      blocks.push_back(*open);
      open.reset();
    } else if (words.starts_with(kFence)) {
      open = Block{Block::Kind::kFence, line, std::string(words.substr(3)), line.end + 1, 0};
    } else if (words.starts_with(kComment) && !words.ends_with(kCommentEnd)) {
      open = Block{Block::Kind::kComment, line, std::string(words.substr(4)), line.end + 1, 0};
    }
  }
  if (open) why = fmt::format("line {}: this block has no end", open->head.number);
  return blocks;
}

std::vector<std::string> words_of(const std::string& text) {
  std::istringstream in(text);
  std::vector<std::string> words;
  for (std::string word; in >> word;) words.push_back(word);
  return words;
}

bool simulates(const std::string& line) {
  const std::vector<std::string> words = words_of(line);
  return words.size() > 1 && (words[1] == "run" || words[1] == "claims" || words[1] == "compare");
}

class PageReader {
 public:
  PageReader(const std::string& text, std::string& why) : text_(text), why_(why) {}

  std::vector<Example> read() {
    const std::vector<Block> blocks = blocks_of(text_, why_);
    for (const Block& block : blocks) take_comment(block);
    for (size_t i = 0; i < blocks.size(); ++i) {
      const std::vector<std::string> words = words_of(blocks[i].info);
      if (blocks[i].kind != Block::Kind::kFence || words.empty()) continue;
      if (words[0] == "hr")
        take_model(blocks[i], words, i + 1 < blocks.size() ? &blocks[i + 1] : nullptr);
      if (words[0] == "sh") take_commands(blocks[i]);
    }
    return std::move(examples_);
  }

 private:
  std::string inside(const Block& block) const {
    return text_.substr(block.begin, block.end - block.begin);
  }

  void fail(const Block& block, const std::string& what) {
    if (why_.empty()) why_ = fmt::format("line {}: {}", block.head.number, what);
  }

  void take_comment(const Block& block) {
    const std::vector<std::string> words = words_of(block.info);
    if (block.kind != Block::Kind::kComment || words.size() != 2) return;
    if (words[0] == "with") completions_[words[1]] = inside(block);
    if (words[0] == "file") files_.push_back({words[1], inside(block)});
  }

  void take_model(const Block& block, const std::vector<std::string>& words, const Block* next) {
    Example example;
    example.line = block.head.number;
    std::string model = inside(block);
    Command command{"headrace check example.hr > /dev/null", "", "", 0};
    for (size_t i = 1; i < words.size(); ++i) {
      if (words[i] == "fails") {
        if (!next || next->kind != Block::Kind::kFence || next->info != "text")
          return fail(block, "a model that fails is followed by a block ```text");
        example.fails = true;
        command.exit = 3;
        command.err = trimmed(inside(*next));
        example.answer_begin = next->begin;
        example.answer_end = next->end;
      } else if (words[i] == "with" && i + 1 < words.size() &&
                 completions_.contains(words[i + 1])) {
        model += completions_[words[++i]];
      } else {
        return fail(block, fmt::format("cannot read `{}` after `hr`", words[i]));
      }
    }
    for (const File& file : files_) add(example.spec, file);
    add(example.spec, File{"example.hr", model});
    add(example.spec, command);
    examples_.push_back(std::move(example));
  }

  void take_commands(const Block& block) {
    constexpr std::string_view kCommand = "build/headrace ";
    Example example;
    example.line = block.head.number;
    std::istringstream in(inside(block));
    for (std::string line; std::getline(in, line);) {
      if (!line.starts_with(kCommand)) continue;
      line = line.substr(kCommand.find('/') + 1);
      line = line.substr(0, line.find('#'));
      if (simulates(line)) line += " --draws 200";
      add(example.spec, Command{line + " > /dev/null", "", "", 0});
    }
    if (!example.spec.commands.empty()) examples_.push_back(std::move(example));
  }

  static void add(Spec& spec, const File& file) {
    spec.files.push_back(file);
    spec.commands.emplace_back();
  }
  static void add(Spec& spec, const Command& command) {
    spec.commands.push_back(command);
    spec.files.emplace_back();
  }

  const std::string& text_;
  std::string& why_;
  std::map<std::string, std::string> completions_;
  std::vector<File> files_;
  std::vector<Example> examples_;
};

}  // namespace

std::optional<std::vector<Example>> read_page(const std::string& text, std::string& why) {
  std::vector<Example> examples = PageReader(text, why).read();
  if (!why.empty()) return std::nullopt;
  return examples;
}

std::string with_answers(std::string text, const std::vector<Example>& examples,
                         const std::vector<Spec>& got) {
  for (size_t i = examples.size(); i-- > 0;) {  // from the end, so that places stay
    const Example& example = examples[i];
    if (!example.fails) continue;
    text.replace(example.answer_begin, example.answer_end - example.answer_begin,
                 got[i].commands.back()->err);
  }
  return text;
}

}  // namespace headrace::spec
