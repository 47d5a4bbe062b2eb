#pragma once

// Names that a person gives on the command line or in a page, looked up in a project. What is not
// there is an Error of kind kNotFound whose further lines offer the nearest names.

#include <string>
#include <vector>

#include "base/result.h"
#include "model/model.h"
#include "syntax/tree.h"
#include "workbench/project.h"

namespace headrace::workbench {

// `unknown KIND 'word'`, and up to three names near it.
base::Error not_found(const std::string& kind, const std::string& word,
                      std::vector<std::string> names);

// Whether the model takes units loosely, as those of other tools do.
bool is_loose(const Project& project);

// The tools that Vensim and XMILE models come from take `Birth rate` and `birth_rate` for one name.
// What the model itself calls what such a word, perhaps with `[elements]`, means; the word when
// the model is not of another tool, has it as it stands, or has none or several of that kind.
std::string own_spelling(const Project& project, const std::string& word);
std::string own_spelling(const model::Model& model, const std::string& word);
// An expression in which such names stand as they are, `electric share > 0.4`, with those of the
// model in quotes.
std::string with_quoted_names(const Project& project, const std::string& text);

// The scenarios a word stands for: `a`, or `a+b` stacked; `base` and `current` are the model as it
// stands (unless it has a scenario of that name).
base::Result<std::vector<std::string>> find_scenarios(const Project& project,
                                                      const std::string& word);

// `name=SPEC` or `name[member]=SPEC` as an overlay; the expression goes into the project's tree.
// A wrong grammar is kUsage, a name that cannot be set kNotFound.
base::Result<syntax::OverlayEntry> parse_set(Project& project, const std::string& text);

// Of these `name=value` the plain numbers for what settled something while an imported model was
// read, such as its clock: they count when it is read again with them, and are no overlays then.
Numbers settling_numbers(const Project& project, const std::vector<std::string>& sets);

// A moment on the command line as the language writes it: a date, `2030`, `2030Q2`, a number.
base::Result<std::string> moment(const std::string& word);
// The moment as model time, for calendar and plain models.
base::Result<double> moment_value(const std::string& word, bool calendar);

// Something to report: a variable, one of its elements, or a measure.
struct Pick {
  std::string name;       // as written
  model::VarId variable;  // invalid: a measure
};
base::Result<std::vector<Pick>> find_outputs(const model::Model& model,
                                             const std::vector<std::string>& names);

// `x` or `x[members]` of the command line as the language writes it: names of several words are
// quoted, also between the brackets.
std::string reference_of(const std::string& word);

// The declared dimensions of a variable, as the brackets of a declaration: `[country]`, or "".
std::string declared_dimensions(const Project& project, const std::string& name);

}  // namespace headrace::workbench
