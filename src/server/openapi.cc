#include "server/openapi.h"

#include "server/frame.h"

namespace headrace::server {
namespace {

Json answer(const char* description, const char* type, Json schema) {
  return {{"description", description}, {"content", {{type, {{"schema", std::move(schema)}}}}}};
}

Json object(Json properties, std::vector<std::string> required = {}) {
  Json out = {{"type", "object"}, {"properties", std::move(properties)}};
  if (!required.empty()) out["required"] = required;
  return out;
}

Json list(Json items) { return {{"type", "array"}, {"items", std::move(items)}}; }
Json text() { return {{"type", "string"}}; }
Json number() { return {{"type", "number"}}; }
Json ref(const char* name) { return {{"$ref", std::string("#/components/schemas/") + name}}; }

Json get(const char* summary, Json ok) {
  return {{"get", {{"summary", summary}, {"responses", {{"200", std::move(ok)}}}}}};
}

Json post(const char* verb, const char* summary, const char* schema, Json ok) {
  Json body = {{"required", true}, {"content", {{"application/json", {{"schema", ref(schema)}}}}}};
  const Json error = answer("what is wrong", "application/json", ref("Error"));
  return {{verb,
           {{"summary", summary},
            {"requestBody", std::move(body)},
            {"responses", {{"200", std::move(ok)}, {"400", error}, {"403", error}}}}}};
}

Json schemas() {
  Json out;
  out["Error"] = object({{"error", text()}}, {"error"});
  out["Change"] = object({{"input", text()},
                          {"mode", {{"enum", {"shift", "pin", "given", "replace"}}}},
                          {"value", number()},
                          {"low", number()},
                          {"high", number()},
                          {"text", text()}},
                         {"input", "mode"});
  const Json question = {{"scenarios", list(text())},
                         {"changes", list(ref("Change"))},
                         {"outputs", list(text())},
                         {"only", list(text())},
                         {"answers", {{"type", "boolean"}}}};
  out["Question"] = object(question);
  Json run = question;
  run["view"] = text();
  run["sequence"] = number();
  run["draws"] = number();
  run["seed"] = number();
  run["preview"] = {{"type", "boolean"}};
  out["Run"] = object(run);
  out["Compare"] = object({{"view", text()},
                           {"versions", list(ref("Question"))},
                           {"output", text()},
                           {"draws", number()},
                           {"seed", number()}},
                          {"versions"});
  Json explain = question;
  explain["view"] = text();
  explain["time"] = number();
  out["Explain"] = object(explain, {"outputs", "time"});
  Json watch = question;
  watch["view"] = text();
  watch["learn"] = list(text());
  watch["decide"] = text();
  watch["log"] = list(text());
  watch["as_of"] = text();
  watch["by"] = text();
  watch["focus"] = text();
  watch["format"] = {{"enum", {"json", "csv", "ics"}}};
  watch["draws"] = number();
  watch["seed"] = number();
  out["Watch"] = object(watch, {"as_of"});
  out["Case"] =
      object({{"facts", {{"type", "object"}, {"additionalProperties", text()}}}}, {"facts"});
  out["Table"] = object({{"text", text()}}, {"text"});
  out["Files"] = object({{"files", list(object({{"name", text()}, {"text", text()}}))}}, {"files"});
  return out;
}

}  // namespace

std::string openapi() {
  const Json any = {{"type", "object"}};
  const Json frames =
      answer("a stream of frames, see docs/server.md", "application/vnd.headrace.frames",
             {{"type", "string"}, {"format", "binary"}});
  Json paths;
  paths["/healthz"] = get("whether the server lives", answer("ok", "text/plain", text()));
  paths["/api/model"] =
      get("the model: inputs, choices, scenarios, claims, variables, equations, sources, texts",
          answer("the model", "application/json", any));
  paths["/api/model/first"] = get("of the model, what the first page shows",
                                  answer("a part of the model", "application/json", any));
  paths["/api/reach"] =
      get("how far each input and constant moves the first charts, as a share of them",
          answer("shares by name", "application/json", any));
  paths["/api/claims"] = get("the claims, as `headrace claims --json` prints them",
                             answer("schema headrace.claims/1", "application/json", any));
  paths["/api/events"] = get("news as server-sent events: hello, model-changed, model-error, bye",
                             answer("the stream", "text/event-stream", text()));
  paths["/api/run"] = post("post", "simulate: a preview, then the settled answer", "Run", frames);
  paths["/api/compare"] = post("post", "paired differences of versions", "Compare", frames);
  paths["/api/explain"] = post("post", "what moves an output at a time", "Explain", frames);
  paths["/api/watch"] = post("post", "which indicators tell most, and what a reading changes",
                             "Watch", answer("schema headrace.watch/1", "application/json", any));
  paths["/api/law"] = get("what the law asks about a sale, and its acts",
                          answer("facts and acts", "application/json", any));
  paths["/api/classify"] =
      post("post", "one sale: what it needs, why, and when that changed", "Case",
           answer("schema headrace.classify/1, with `stretches`", "application/json", any));
  paths["/api/catalogue"] = post("post", "the same sale of every chip, and of each TPP and PD",
                                 "Case", answer("chips and plane", "application/json", any));
  paths["/api/classify/table"] = post("post", "a table of sales, answered row by row", "Table",
                                      answer("the table", "application/json", any));
  paths["/api/diagnostics"] = post("post", "what the compiler says about drafts (--edit)", "Files",
                                   answer("the diagnostics", "application/json", any));
  paths["/api/files"] = post("put", "write files of the model (--edit)", "Files",
                             answer("the new hash", "application/json", any));
  Json out;
  out["openapi"] = "3.1.0";
  out["info"] = {{"title", "headrace serve"}, {"version", HEADRACE_VERSION}};
  out["paths"] = std::move(paths);
  out["components"]["schemas"] = schemas();
  return out.dump(1) + "\n";
}

}  // namespace headrace::server
