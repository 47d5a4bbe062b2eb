#pragma once

// A model's text, read from a file or a folder: the first thing behind the door.

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "import/layout.h"
#include "syntax/tree.h"
#include "text/diagnostic.h"
#include "text/source.h"

namespace headrace::sheet {
class Books;
}

namespace headrace::workbench {

// Numbers that stand in for what an imported model says, by name, as it is read.
using Numbers = std::map<std::string, double>;

struct Project {
  std::filesystem::path folder;     // where names of data files begin
  std::filesystem::path data_root;  // data files lie in or below it
  text::SourceSet sources;
  std::vector<text::SourceId> files;  // the model's own, without the library
  syntax::Tree tree;                  // of files and library
  size_t own_statements = 0;          // top-level ones of the files; the library's follow
  import::Layout layout;              // of an imported model
  std::map<std::string, std::string>
      set_series;                 // series over time, and the input that replaces each
  text::Diagnostics diagnostics;  // what reading found
  std::vector<std::filesystem::path> data_files;  // that the user named beside the model
  std::shared_ptr<sheet::Books> books;            // read so far
  Numbers numbers;                                // it was read with

  // Twelve hexadecimal digits that change with any byte of the model's own text.
  std::string hash() const;
  // The model's name, or that of its file or folder.
  std::string name() const;
};

// Finds and reads the model at `path`, a `.hr` file or a folder; "" is the current folder. Text
// errors are in the project's diagnostics. Errors: nothing there, no `.hr` file in the folder,
// a kind of file that this version does not read, unreadable files.
base::Result<std::unique_ptr<Project>> open(const std::string& path);

// Texts that stand in for those of files, by the name of the file as in Project::sources: what an
// editor holds and has not saved.
using Drafts = std::map<std::string, std::string>;
// `data_root` is sheet::data_root of the model's folder where it is empty.
base::Result<std::unique_ptr<Project>> open(
    const std::string& path, const Drafts& drafts,
    const std::vector<std::filesystem::path>& data_files = {},
    const std::filesystem::path& data_root = {}, const Numbers& numbers = {});

// Whether a file's name says that it is a model of Vensim or XMILE.
bool is_foreign(const std::filesystem::path& file);

// The `.hr` files of a folder and its subfolders, sorted by path; hidden and build folders are
// left out. At most 10,000.
base::Result<std::vector<std::filesystem::path>> model_files(const std::filesystem::path& folder);

// Adds statements written by a program (a question asked on the command line) to the tree.
void add_statements(Project& project, const std::string& source_name, const std::string& text);

}  // namespace headrace::workbench
