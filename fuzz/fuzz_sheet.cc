// Any bytes as a workbook, as the parts of one, and as a sheet of text.

#include <unistd.h>
#include <zip.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>

#include "sheet/workbook.h"

using namespace headrace;

namespace {

// Small, so that a file that unpacks to much is refused in no time.
sheet::Limits limits() {
  sheet::Limits limits;
  limits.part_bytes = limits.all_bytes = 4 << 20;
  limits.cells = 100'000;
  return limits;
}

void read(const std::filesystem::path& path) {
  const auto book = sheet::read_xlsx(path, limits());
  if (!book) return;
  for (const sheet::Sheet& one : book->sheets) {
    if (one.rows <= 1000 && one.columns <= 1000) (void)sheet::to_csv(one);
  }
}

// A sound archive around the bytes: up to the first zero they are the sheet, behind it the texts.
void write_book(const std::filesystem::path& path, const std::string& bytes) {
  const size_t cut = std::min(bytes.find('\0'), bytes.size());
  const std::string rows = bytes.substr(0, cut),
                    texts = bytes.substr(std::min(cut + 1, bytes.size()));
  const std::string book =
      R"(<workbook xmlns:r="r"><sheets><sheet name="One" sheetId="1" r:id="rId1"/></sheets></workbook>)";
  const std::string links =
      R"(<Relationships><Relationship Id="rId1" Target="worksheets/sheet1.xml"/></Relationships>)";
  zip_t* archive = zip_open(path.c_str(), ZIP_CREATE | ZIP_TRUNCATE, nullptr);
  const auto add = [&](const char* name, const std::string& text) {
    const auto at =
        zip_file_add(archive, name, zip_source_buffer(archive, text.data(), text.size(), 0), 0);
    zip_set_file_compression(archive, static_cast<zip_uint64_t>(at), ZIP_CM_STORE, 0);
  };
  add("xl/workbook.xml", book);
  add("xl/_rels/workbook.xml.rels", links);
  add("xl/worksheets/sheet1.xml", rows);
  add("xl/sharedStrings.xml", texts);
  zip_close(archive);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const std::filesystem::path path =
      std::filesystem::temp_directory_path() / ("headrace-fuzz-" + std::to_string(getpid()));
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  if (bytes.starts_with("PK")) {
    std::ofstream(path, std::ios::binary) << bytes;
    read(path);
  } else if (bytes.starts_with("<")) {
    write_book(path, bytes);
    read(path);
  } else {
    for (const char delimiter : {',', '\t'}) {
      if (const auto one = sheet::read_delimited(bytes, delimiter, limits()))
        (void)sheet::to_csv(*one);
    }
  }
  std::filesystem::remove(path);
  return 0;
}
