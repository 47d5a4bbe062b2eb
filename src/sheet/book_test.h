#pragma once

// Workbooks for tests, made part by part.

#include <gtest/gtest.h>
#include <zip.h>

#include <filesystem>
#include <map>
#include <string>

namespace headrace::sheet {

using Parts = std::map<std::string, std::string>;

inline std::filesystem::path write_parts(const std::string& name, const Parts& parts) {
  const std::filesystem::path path = std::filesystem::path(::testing::TempDir()) / name;
  zip_t* archive = zip_open(path.c_str(), ZIP_CREATE | ZIP_TRUNCATE, nullptr);
  for (const auto& [part, text] : parts)
    zip_file_add(archive, part.c_str(), zip_source_buffer(archive, text.data(), text.size(), 0), 0);
  zip_close(archive);
  return path;
}

// A workbook with one sheet, `Prices`, whose rows and texts are given.
inline Parts one_sheet(const std::string& rows, const std::string& texts = "",
                       const std::string& names = "") {
  return {
      {"xl/workbook.xml",
       R"(<workbook xmlns:r="r"><sheets><sheet name="Prices" sheetId="1" r:id="rId1"/></sheets>)"
       "<definedNames>" +
           names + "</definedNames></workbook>"},
      {"xl/_rels/workbook.xml.rels",
       R"(<Relationships><Relationship Id="rId1" Target="worksheets/sheet1.xml"/></Relationships>)"},
      {"xl/worksheets/sheet1.xml", "<worksheet><sheetData>" + rows + "</sheetData></worksheet>"},
      {"xl/sharedStrings.xml", "<sst>" + texts + "</sst>"}};
}

}  // namespace headrace::sheet
