#include "export/words.h"

namespace headrace::exports {

std::string words_of(const std::optional<std::string>& title, const std::string& doc,
                     const syntax::Provenance& provenance, std::string_view between) {
  std::string words = title.value_or("");
  const auto add = [&](const std::string& more) {
    if (more.empty()) return;
    if (!words.empty()) words += between;
    words += more;
  };
  add(doc);
  for (const syntax::Name& source : provenance.sources) add("from @" + source.text);
  if (provenance.assumed) add("assumed: " + *provenance.assumed);
  if (provenance.note) add(*provenance.note);
  return words;
}

}  // namespace headrace::exports
