#pragma once

// Files of cells, each read once: workbooks, and text cut at a delimiter as a workbook of one
// sheet.

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"
#include "sheet/workbook.h"

namespace headrace::sheet {

// A sheet with the workbook that it belongs to, which lives as long as this does.
struct View {
  std::shared_ptr<const Workbook> book;
  uint32_t number = 0;  // in `book`
  const Sheet& sheet() const { return book->sheets[number]; }
};

// Whether the file's name ends like that of a workbook: .xlsx, .xlsm, .xls.
bool is_workbook(const std::filesystem::path& path);

// Not for several threads at a time.
class Books {
 public:
  // The sheet `tab` of a workbook, "" for its first; of a text file the whole, cut at `delimiter`.
  // A file that has changed since it was read is read again.
  base::Result<View> open(const std::filesystem::path& path, std::string_view tab, char delimiter,
                          const Limits& limits = {});

 private:
  struct Known {
    std::filesystem::file_time_type written;
    uintmax_t bytes = 0;
    base::Result<std::shared_ptr<const Workbook>> book;
  };
  std::map<std::pair<std::filesystem::path, char>, Known> known_;
};

// The folder that the data of a model in `folder` may lie in: the root of its repository (the
// nearest folder above that holds .git, .hg or .svn), else `folder` itself. Paths of models may
// climb so far.
std::filesystem::path data_root(const std::filesystem::path& folder);

// Whether the file lies in or below the folder. Links are followed first.
bool is_within(const std::filesystem::path& folder, const std::filesystem::path& file);

// What separates the cells of a text file: a comma in .csv, else a tab.
char usual_delimiter(const std::filesystem::path& path);

}  // namespace headrace::sheet
