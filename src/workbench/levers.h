#pragma once

// Levers: plain numbers and uncertain inputs of a model that a study sets itself.

#include <string>
#include <vector>

#include "base/result.h"
#include "model/model.h"

namespace headrace::workbench {

struct Lever {
  std::string name;  // as Input::name
  double low = 0, high = 0;
};

// `name=LOW to HIGH`, in the unit of the name.
base::Result<Lever> parse_lever(const std::string& text);

// Makes a plain number an input that every draw has alike, so that it can be set from run to run.
// kNotFound for what is no plain number of the model, with the names of what is.
base::Result<void> free_constant(model::Model& model, const std::string& name);

// The place of each lever in Model::inputs, freed where it was a plain number.
base::Result<std::vector<uint32_t>> place_levers(model::Model& model,
                                                 const std::vector<Lever>& levers);

}  // namespace headrace::workbench
