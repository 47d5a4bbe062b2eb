#pragma once

// What the importers of foreign models share: a foreign model in, our syntax tree out.

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace headrace::sheet {
class Books;
}

namespace headrace::import {

struct ImportOptions {
  // The files that a model names (spreadsheets, tables) are looked for from here.
  std::filesystem::path folder;
  // Tables with a column for each variable that has data and no equation; first one wins.
  std::vector<std::filesystem::path> data_files;
  std::shared_ptr<sheet::Books> books;    // where what is read is kept; may be null
  std::filesystem::path data_root;        // they must lie in or below it; empty: `folder`
  std::map<std::string, double> numbers;  // that stand in for what the model says, by name
};

}  // namespace headrace::import
