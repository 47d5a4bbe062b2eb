// A file is cut into its entries: equation ~ units ~ comment [~ flags] |
//
// Quotes and {comments} count in equations only: comments hold odd quotes. Lines of stars open and
// close the name of a group. Everything after \\\---/// is the sketch, and after ///---\\\ the
// settings; a fault in either is passed over.

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "import/names.h"
#include "import/remarks.h"
#include "import/vensim/parse.h"
#include "text/utf8.h"

namespace headrace::import::vensim {
namespace {

using text::Kind;
using text::Span;

constexpr std::string_view kMacro = ":MACRO:";
constexpr std::string_view kEndOfMacro = ":END OF MACRO:";

class Reader {
 public:
  Reader(const text::SourceSet& sources, text::SourceId source, text::Diagnostics& diagnostics)
      : sources_(sources),
        source_(source),
        text_(sources[source].text),
        diagnostics_(diagnostics) {}

  Document read() {
    end_ = sketch_begin();
    if (starts("{")) skip_encoding();
    while (skip_blanks(), at_ < end_) {
      if (starts(kMacro)) {
        macro();
      } else if (starts(kEndOfMacro)) {
        at_ += kEndOfMacro.size();
        macro_.reset();
      } else if (starts("*")) {
        group();
      } else {
        entry();
      }
    }
    if (macro_) unclosed_macro("the file ends");
    if (document_.equations.empty() && !diagnostics_.has_errors())
      diagnostics_.error(Kind::kSyntax, span(0, 0), "the file holds no equation");
    settings();
    return std::move(document_);
  }

 private:
  // ------------------------------------------------------------ places

  size_t sketch_begin() const {
    for (size_t at = text_.find("\\---///"); at != std::string_view::npos;
         at = text_.find("\\---///", at + 1)) {
      size_t line = at;
      while (line > 0 && text_[line - 1] == '\\') --line;
      if (line == 0 || text_[line - 1] == '\n') return line;
    }
    return text_.size();
  }

  bool starts(std::string_view word) const {
    return at_ + word.size() <= end_ && same_word(text_.substr(at_, word.size()), word);
  }
  void skip_blanks() {
    while (at_ < end_ && (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n' ||
                          text_[at_] == '\r' || text_[at_] == '\f'))
      ++at_;
  }
  void skip_encoding() {
    const size_t close = text_.find('}', at_);
    if (close < end_ && close - at_ < 40) at_ = close + 1;
  }
  Span span(size_t begin, size_t end) const {
    return {source_, static_cast<uint32_t>(begin), static_cast<uint32_t>(end)};
  }

  // ------------------------------------------------------------ entries

  // The end of an equation: ~ or | outside quotes and comments.
  size_t equation_end(size_t at) const {
    int depth = 0;
    for (; at < end_; ++at) {
      const char c = text_[at];
      if (c == '{') ++depth;
      if (c == '}' && depth > 0) --depth;
      if (depth > 0) continue;
      if (c == '"') {
        const size_t close = closing_quote(at);
        if (close == std::string_view::npos) continue;
        at = close;
      } else if (c == '~' || c == '|') {
        return at;
      }
    }
    return end_;
  }

  size_t closing_quote(size_t at) const {
    for (++at; at < end_; ++at) {
      if (text_[at] == '\\' && at + 1 < end_ && text_[at + 1] == '"')
        ++at;
      else if (text_[at] == '"')
        return at;
    }
    return std::string_view::npos;
  }

  size_t field_end(size_t at) const {
    while (at < end_ && text_[at] != '~' && text_[at] != '|') ++at;
    return at;
  }

  std::string field() {  // from behind a ~ to the next ~ or |
    if (at_ >= end_ || text_[at_] != '~') return {};
    const size_t begin = at_ + 1;
    at_ = field_end(begin);
    return tidy(text_.substr(begin, at_ - begin));
  }

  // A backslash that continues the line: behind it stand a tab, the end of the line, or blanks up
  // to that.
  static bool continues(std::string_view text, size_t at) {
    if (text[at] != '\\') return false;
    const size_t next = text.find_first_not_of(" ", at + 1);
    return next == std::string_view::npos ||
           std::string_view("\t\n\r").find(text[next]) != std::string_view::npos;
  }

  // Line ends and what continues them become blanks.
  static std::string tidy(std::string_view text) {
    std::string result;
    for (size_t k = 0; k < text.size(); ++k) {
      const char c = text[k];
      const bool cut = continues(text, k);
      const bool blank = c == ' ' || c == '\t' || c == '\n' || c == '\r' || cut;
      if (!blank)
        result += c;
      else if (!result.empty() && result.back() != ' ')
        result += ' ';
    }
    while (!result.empty() && result.back() == ' ') result.pop_back();
    return result;
  }

  // `people [0,100,1]`: what values a control for it may take stands behind the unit, and is told
  // as the last line of the text.
  static void take_range(std::string& units, std::string& comment) {
    const size_t open = units.find('['), close = units.find(']', open);
    if (open == std::string::npos) return;
    const std::string range = units.substr(open, close - open + (close < units.size() ? 1 : 0));
    units = trimmed(std::string_view(units).substr(0, open));
    if (range.size() > 2 && range.ends_with(']'))
      comment += fmt::format("{}Range: {}", comment.empty() ? "" : "\n", range);
  }

  void entry() {
    const size_t begin = at_;
    at_ = equation_end(at_);
    const Span text = span(begin, at_);
    const bool closed = at_ < end_;
    std::string units = field(), comment = field();
    take_range(units, comment);
    bool supplementary = false;
    while (at_ < end_ && text_[at_] == '~') {
      const size_t flags_at = at_ + 1;
      const std::string flags = canonical(field());
      supplementary |= flags.find(":sup") != std::string::npos;
      if (!flags.empty() && flags[0] != ':') tell_of_lost_bar(text, flags_at);
    }
    const bool ended = at_ < end_ && text_[at_] == '|';
    if (ended) ++at_;
    if (is_blank(text)) return;
    if (!closed) {
      diagnostics_.error(Kind::kSyntax, text, "the file ends within an equation");
      return;
    }
    auto equation = parse_equation(sources_, text, document_.formulas, listed_, diagnostics_);
    if (!equation) {
      document_.broken.insert(name_at(begin));
      return;
    }
    equation->internal = internal_;
    equation->supplementary = supplementary;
    equation->units = units;
    equation->comment = with_remarks(std::move(comment),
                                     sources_.text({source_, equation->name_span.begin, text.end}));
    if (macro_)
      document_.macros.back().equations.push_back(std::move(*equation));
    else
      document_.equations.push_back(std::move(*equation));
  }

  // Behind the comment stand flags, which begin with a colon.
  void tell_of_lost_bar(Span equation, size_t flags_at) {
    if (is_blank(equation)) return;
    auto& told = diagnostics_.warning(Kind::kPassedOver, span(flags_at, at_),
                                      "passed over: what stands behind the comment of an equation");
    told.labels.push_back({equation, "of this one"});
    told.hint = "is the `|` missing that ends it? Then the next equation is lost in the comment";
  }

  // The name on the left side of what is no equation.
  std::string name_at(size_t begin) const {
    const bool quoted = text_[begin] == '"';
    const size_t first = quoted ? begin + 1 : begin;
    const bool closed = quoted && closing_quote(begin) < at_;
    const size_t end = text_.find_first_of(closed ? "\"" : "=[(:<~|", first);
    return canonical(text_.substr(first, end - first));
  }

  bool is_blank(Span part) const {
    const std::string_view text = sources_.text(part);
    return text.find_first_not_of(" \t\r\n\\") == std::string_view::npos;
  }

  // ****\n\t.Name\n****~\n\t\tcomment\n\t|
  void group() {
    const size_t begin = at_;
    at_ = field_end(at_);
    const std::string_view head = text_.substr(begin, at_ - begin);
    internal_ = head.find(kInternalGroup) != std::string_view::npos;
    std::string title = tidy(head.substr(0, head.find_last_not_of('*') + 1));
    title.erase(0, std::min(title.find_first_not_of("* ."), title.size()));
    const std::string text = field();
    if (at_ < end_ && text_[at_] == '~') at_ = field_end(at_);
    if (at_ < end_) ++at_;
    if (!internal_) document_.groups.push_back({begin, std::move(title), text});
  }

  // What stands behind an open macro would be read as its own.
  void unclosed_macro(std::string_view where) {
    diagnostics_.error(Kind::kSyntax, *macro_,
                       fmt::format("`:END OF MACRO:` is missing: {} within this macro", where));
    document_.cut_off = true;
    macro_.reset();
  }

  void macro() {
    if (macro_) unclosed_macro("another one begins");
    at_ += kMacro.size();
    const size_t begin = at_;
    int depth = 0;
    for (; at_ < end_; ++at_) {
      if (text_[at_] == '"') {
        const size_t close = closing_quote(at_);
        if (close != std::string_view::npos) at_ = close;
      }
      if (text_[at_] == '(') ++depth;
      if (text_[at_] == ')' && --depth <= 0) break;
    }
    at_ = std::min(at_ + 1, end_);
    auto head = parse_macro_head(sources_, span(begin, at_), diagnostics_);
    document_.macros.push_back(head ? std::move(*head) : Macro{});
    macro_ = span(begin, at_);
  }

  // ------------------------------------------------------------ settings

  static std::vector<std::string> split(std::string_view text) {
    std::vector<std::string> parts;
    while (true) {
      const size_t comma = text.find(',');
      parts.push_back(trimmed(text.substr(0, comma)));
      if (comma == std::string_view::npos) return parts;
      text.remove_prefix(comma + 1);
    }
  }

  void settings() {
    size_t begin = text_.find("///---\\\\\\", end_);
    if (begin == std::string_view::npos) begin = text_.find("\n:L", end_);  // a sketch without end
    if (begin == std::string_view::npos) return;
    std::string_view rest = text_.substr(begin);
    while (!rest.empty()) {
      const size_t end = std::min(rest.find('\n'), rest.size());
      setting(rest.substr(0, end));
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
  }

  void setting(std::string_view line) {
    const size_t colon = line.find(':');
    if (colon == std::string_view::npos || colon > 3) return;
    const std::string_view number = line.substr(0, colon);
    const std::string_view value = line.substr(colon + 1);
    Settings& settings = document_.settings;
    if (number == "15") integration(split(value));
    if (number == "22") settings.equal_units.push_back(split(value));
    if (number == "30") {
      const size_t equal = value.find('=');
      if (equal != std::string_view::npos)
        settings.files.emplace_back(trimmed(value.substr(0, equal)),
                                    trimmed(value.substr(equal + 1)));
    }
    if (number == "35") settings.date_variable = trimmed(value);
    if (number == "36") settings.date_format = trimmed(value);
    if (number == "37") settings.base_year = trimmed(value);
    if (number == "38") settings.base_month = trimmed(value);
    if (number == "39") settings.base_day = trimmed(value);
  }

  // The fourth number: 0 and 2 Euler, 1 and 5 Runge-Kutta of fourth order, 3 and 4 of second.
  void integration(const std::vector<std::string>& numbers) {
    if (numbers.size() < 4) return;
    Settings& settings = document_.settings;
    settings.runge_kutta = numbers[3] == "1" || numbers[3] == "5";
    if (numbers[3] == "3" || numbers[3] == "4") {
      settings.runge_kutta = true;
      settings.method = "RK2";
    }
    if (numbers[3] == "5") settings.method = "RK4 Auto";
  }

  const text::SourceSet& sources_;
  text::SourceId source_;
  std::string_view text_;
  text::Diagnostics& diagnostics_;
  Document document_;
  size_t at_ = 0, end_ = 0;
  Listed listed_;
  std::optional<Span> macro_;  // the head of the one that is open
  bool internal_ = false;
};

}  // namespace

Document read(const text::SourceSet& sources, text::SourceId source,
              text::Diagnostics& diagnostics) {
  return Reader(sources, source, diagnostics).read();
}

}  // namespace headrace::import::vensim
