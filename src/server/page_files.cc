#include "server/page_files.h"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>

#include "server/assets.h"
#include "server/replies.h"

namespace headrace::server {
namespace {

namespace fs = std::filesystem;

constexpr const char* kPolicy =
    "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; connect-src 'self'; object-src 'none'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'";

const char* type_of(const fs::path& path) {
  const std::string ending = path.extension().string();
  if (ending == ".html") return "text/html; charset=utf-8";
  if (ending == ".js") return "text/javascript; charset=utf-8";
  if (ending == ".css") return "text/css; charset=utf-8";
  if (ending == ".svg") return "image/svg+xml";
  if (ending == ".json") return "application/json";
  return "application/octet-stream";
}

Reply missing() { return problem(404, "there is no such page"); }

// A plain file below the folder; nothing that walks out of it.
Reply from_folder(const std::string& folder, const std::string& path) {
  const bool safe = path.find("..") == std::string::npos && path.find('%') == std::string::npos;
  std::ifstream file(fs::path(folder) / path.substr(1), std::ios::binary);
  if (!safe || !file) return missing();
  Reply reply;
  reply.type = type_of(path);
  reply.body.assign(std::istreambuf_iterator<char>(file), {});
  reply.headers = {{"Cache-Control", "no-store"}};
  return reply;
}

Reply built_in(const Request& request, const std::string& path) {
  const Asset* asset = find_asset(path);
  if (!asset) return missing();
  const std::string tag = fmt::format("\"{}\"", asset->tag);
  Reply reply;
  reply.type = std::string(asset->type);
  reply.headers = {
      {"ETag", tag},
      {"Cache-Control", asset->immutable ? "public, max-age=31536000, immutable" : "no-cache"},
      {"Vary", "Accept-Encoding"}};
  if (knows(request, tag)) {
    reply.status = 304;
  } else if (request.accept_encoding.find("gzip") != std::string::npos) {
    reply.headers.emplace_back("Content-Encoding", "gzip");
    reply.body = std::string(asset->gzip);
  } else {
    reply.body = inflate(asset->gzip);
  }
  return reply;
}

}  // namespace

Reply page_file(const Request& request, const std::string& ui_dir) {
  if (request.method != "GET" && request.method != "HEAD")
    return problem(405, "only GET and HEAD here");
  // Browsers ask for an icon by this name wherever a page names none.
  const std::string path = request.path == "/"              ? "/index.html"
                           : request.path == "/favicon.ico" ? "/favicon.svg"
                                                            : request.path;
  Reply reply = ui_dir.empty() ? built_in(request, path) : from_folder(ui_dir, path);
  if (reply.status < 400) reply.headers.emplace_back("Content-Security-Policy", kPolicy);
  return reply;
}

}  // namespace headrace::server
