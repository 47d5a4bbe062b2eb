#include "import/content.h"

#include <algorithm>

namespace headrace::import {
namespace {

constexpr size_t kHead = 64 << 10;  // what is looked at

std::string_view head_of(std::string_view text) {
  text = text.substr(0, kHead);
  const size_t first = text.find_first_not_of(" \t\r\n");
  return first == std::string_view::npos ? std::string_view() : text.substr(first);
}

bool is_binary(std::string_view head) {
  const bool control =
      !head.empty() && (static_cast<unsigned char>(head[0]) < ' ' || head[0] == '\x7F');
  return control || head.find('\0') != std::string_view::npos;
}

bool looks_like_vensim(std::string_view head) {
  return head.starts_with("{UTF-8}") ||
         (!head.starts_with('<') && head.find('~') != std::string_view::npos &&
          head.find('|') != std::string_view::npos);
}

bool looks_like_xmile(std::string_view head) {
  return head.starts_with('<') && head.find("<xmile") != std::string_view::npos;
}

}  // namespace

std::optional<Format> likely_format(std::string_view text) {
  const std::string_view head = head_of(text);
  if (is_binary(head)) return std::nullopt;
  if (looks_like_xmile(head)) return Format::kXmile;
  if (looks_like_vensim(head)) return Format::kVensim;
  return std::nullopt;
}

std::optional<WrongContent> wrong_content(std::string_view text, Format format) {
  const bool vensim = format == Format::kVensim;
  const std::string_view head = head_of(text);
  if (head.empty() && text.size() <= kHead) return WrongContent{"the file is empty", ""};
  if (head.starts_with("PK\x03\x04")) {
    return WrongContent{"this is a ZIP archive, not the text of a model",
                        "unpack it and take the model out of it"};
  }
  if (is_binary(head)) {
    return WrongContent{"this file is binary, not the text of a model",
                        vensim
                            ? "Vensim's .vmf, .vpm and .vpmx are binary: open the model there and "
                              "save it as text (.mdl)"
                            : "older files of Stella are binary: open the model there and save it "
                              "as .stmx"};
  }
  if (vensim && head.starts_with('<')) {
    return WrongContent{"this is XML, not Vensim's text",
                        looks_like_xmile(head) ? "let its name end in .xmile" : ""};
  }
  if (vensim && (head.starts_with("Model {") || head.starts_with("Library {")))
    return WrongContent{"this is a model of Simulink, not of Vensim", ""};
  if (!vensim && looks_like_vensim(head))
    return WrongContent{"this is Vensim's text, not XML", "let its name end in .mdl"};
  return std::nullopt;
}

}  // namespace headrace::import
