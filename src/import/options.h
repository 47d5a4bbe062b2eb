#pragma once

// What the importers of foreign models share: a foreign model in, our syntax tree out.

#include <filesystem>
#include <memory>
#include <vector>

namespace headrace::sheet {
class Books;
}

namespace headrace::import {

struct ImportOptions {
  // Where the files lie that a model names (spreadsheets, tables); they must lie in or below it.
  std::filesystem::path folder;
  // Tables with a column for each variable that has data and no equation; first one wins.
  std::vector<std::filesystem::path> data_files;
  std::shared_ptr<sheet::Books> books;  // where what is read is kept; may be null
};

}  // namespace headrace::import
