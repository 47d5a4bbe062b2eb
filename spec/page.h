#pragma once

// The examples of a page of the documentation, read as specs. Three kinds of fenced blocks count:
//
//   ```hr             a model that `headrace check` must read without a word on standard error
//   ```hr fails       a model with faults; the next block, ```text, is the whole message
//   ```sh             commands; each line that begins with `build/headrace` must exit with 0,
//                     and those that simulate do so with few draws here
//
// A model may say `with NAME` after `hr`: then what stands in the comment `<!-- with NAME` of the
// page, to its end `-->`, is put below it, so that the lines of a message count from the block.
// `<!-- file NAME` is a file that stands beside every model of the page.

#include <optional>
#include <string>
#include <vector>

#include "spec_file.h"

namespace headrace::spec {

struct Example {
  size_t line = 0;  // where the block begins in the page
  Spec spec;
  bool fails = false;
  size_t answer_begin = 0, answer_end = 0;  // of one that fails: its message within the page
};

// Nothing when a block cannot be read; `why` says why.
std::optional<std::vector<Example>> read_page(const std::string& text, std::string& why);

// The page with the message of each example replaced by that of `got`, one for each example.
std::string with_answers(std::string text, const std::vector<Example>& examples,
                         const std::vector<Spec>& got);

}  // namespace headrace::spec
