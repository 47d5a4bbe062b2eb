#pragma once

// Mappings between ranges, as Vensim writes them behind a range: `-> (other: its elements)`.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "export/writer.h"
#include "syntax/syntax.h"

namespace headrace::exports {

class VensimMaps {
 public:
  explicit VensimMaps(Writer& writer) : writer_(writer) {}

  // What stands behind the arrow of a range. Ranges of their own that it names go to `helpers`,
  // each as `name:` and its elements.
  std::vector<std::string> links(const syntax::DimDecl& dim, std::vector<std::string>& helpers);

 private:
  void share_out();
  bool is_part(const syntax::MapDecl& map, const std::vector<const syntax::MapDecl*>& maps) const;
  bool leaves_out(const syntax::MapDecl& map) const;
  bool is_said_by(const syntax::MapDecl& back, const syntax::MapDecl& map) const;
  std::string space_of(const std::string& dim) const;
  std::string onward(const syntax::DimDecl& from, const syntax::MapDecl& map) const;
  std::optional<std::string> inward(const syntax::DimDecl& to, const syntax::MapDecl& map,
                                    std::vector<std::string>& helpers);

  Writer& writer_;
  bool shared_out_ = false;
  // By the range whose members are found, and by that whose members they are found for.
  std::map<std::string, std::vector<const syntax::MapDecl*>> inward_, onward_;
};

}  // namespace headrace::exports
