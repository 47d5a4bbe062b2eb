// The server as a client meets it: over sockets, slow, broken and hostile ones included.

#include "server/server.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <future>
#include <thread>

#include "server/frame.h"
#include "workbench/live.h"
#include "workbench/posterior.h"

namespace headrace::server {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

constexpr const char* kModel = R"(model pond "A pond"
time 0 to 10 step 0.5 in year
unit fish
source count "A count" date 2025-01-01
param births "Births" : 1/year = 0.2 to 0.6        from @count
param deaths "Deaths" : 1/year = 0.1               assumed "a choice"
stock pond "Fish in the pond" : fish = 100 fish    from @count
  in born
  out died
flow born : fish/year = births * pond
flow died : fish/year = deaths * pond
claim many "More than 500 fish" : pond at 10 > 500 fish   from @count
measure end "At the end" : fish = pond at 10
check alive "No fish are owed" : pond >= 0 fish
scenario harsh "More deaths" { deaths = 0.3 }
)";

class Serving : public testing::Test {
 protected:
  void SetUp() override {
    folder_ =
        std::filesystem::temp_directory_path() / ("headrace-server-" + std::to_string(::getpid()));
    std::filesystem::create_directories(folder_);
    file_ = folder_ / "pond.hr";
    std::ofstream(file_) << kModel;
  }
  void TearDown() override {
    stop_ = true;
    if (thread_.joinable()) thread_.join();
    std::filesystem::remove_all(folder_);
  }

  void serve(std::function<void(ServeOptions&)> adapt = {}) {
    options_.model = file_.string();
    options_.port = 0;
    options_.threads = 1;
    options_.backend = workbench::Backend::kInterpreter;
    options_.stop = &stop_;
    std::promise<uint16_t> port;
    options_.ready = [&](uint16_t at) { port.set_value(at); };
    if (adapt) adapt(options_);
    thread_ = std::thread([this] {
      const auto served = server::serve(options_);
      EXPECT_TRUE(served) << served.error().message;
    });
    port_ = port.get_future().get();
  }

  int connect() const {
    const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port_);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    timeval patience{20, 0};
    ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    return fd;
  }
  static void send(int fd, const std::string& text) {
    ::send(fd, text.data(), text.size(), MSG_NOSIGNAL);
  }
  static std::string receive(int fd) {
    std::string out;
    char buffer[4096];
    for (ssize_t n; (n = ::recv(fd, buffer, sizeof buffer, 0)) > 0;) out.append(buffer, n);
    ::close(fd);
    return out;
  }
  std::string ask(const std::string& text) const {
    const int fd = connect();
    send(fd, text);
    return receive(fd);
  }
  std::string request(const std::string& method, const std::string& path,
                      const std::string& body = "", const std::string& headers = "") const {
    return ask(method + " " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" +
               headers + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
  }
  static std::string body_of(const std::string& answer) {
    return answer.substr(answer.find("\r\n\r\n") + 4);
  }
  // The frames of a chunked answer, as kind and directory.
  static std::vector<std::pair<uint32_t, Json>> frames_of(const std::string& answer) {
    std::string body;
    for (size_t at = answer.find("\r\n\r\n") + 4; at < answer.size();) {
      const size_t length = std::stoul(answer.substr(at, 16), nullptr, 16);
      at = answer.find("\r\n", at) + 2;
      body += answer.substr(at, length);
      at += length + 2;
    }
    std::vector<std::pair<uint32_t, Json>> frames;
    for (size_t at = 0; at + 32 <= body.size();) {
      uint32_t head[8];
      std::memcpy(head, body.data() + at, sizeof head);
      frames.emplace_back(head[1], Json::parse(body.substr(at + 32, head[6])));
      frames.back().second["draws"] = head[3];
      at += 32 + head[6] + (head[5] * 4 + 7) / 8 * 8;
    }
    return frames;
  }

  ServeOptions options_;
  std::filesystem::path folder_, file_;
  std::atomic<bool> stop_ = false;
  uint16_t port_ = 0;
  std::thread thread_;
};

TEST_F(Serving, ShowsThePageWithAPolicy) {
  serve();
  const std::string page = request("GET", "/");
  EXPECT_THAT(page, StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(page, HasSubstr("frame-ancestors 'none'"));
  EXPECT_THAT(page, HasSubstr("<!doctype html>"));
  EXPECT_THAT(request("GET", "/", "", "Accept-Encoding: gzip\r\n"),
              HasSubstr("Content-Encoding: gzip"));
  EXPECT_THAT(request("GET", "/nowhere"), StartsWith("HTTP/1.1 404"));
  EXPECT_THAT(request("GET", "/../../etc/passwd"), StartsWith("HTTP/1.1 404"));
  const size_t tag = page.find("ETag: ") + 6;
  const std::string etag = page.substr(tag, page.find("\r\n", tag) - tag);
  EXPECT_THAT(request("GET", "/", "", "If-None-Match: " + etag + "\r\n"),
              StartsWith("HTTP/1.1 304"));
}

TEST_F(Serving, DescribesTheModel) {
  serve();
  const std::string answer = request("GET", "/api/model");
  const Json model = Json::parse(answer.substr(answer.find("\r\n\r\n") + 4));
  EXPECT_EQ(model["name"], "pond");
  EXPECT_EQ(model["inputs"][0]["name"], "births");
  EXPECT_EQ(model["choices"][0]["name"], "deaths");
  EXPECT_EQ(model["claims"][0]["thresholds"][0]["value"], 500);
  EXPECT_EQ(model["claims"][0]["series"], "pond");
  EXPECT_EQ(model["scenarios"][0]["changes"][0]["to"], "0.3");
  EXPECT_EQ(model["sources"][0]["used_by"][0], "births");
}

// Of the model what the overview needs: it is read before the rest, and nothing in it grows with
// the number of variables.
TEST_F(Serving, DescribesTheFirstPart) {
  serve();
  const Json whole = Json::parse(body_of(request("GET", "/api/model")));
  const Json first = Json::parse(body_of(request("GET", "/api/model/first")));
  for (const auto& [key, value] : first.items()) EXPECT_EQ(value, whole[key]) << key;
  EXPECT_EQ(first["claims"][0]["said_by"], "A count");
  EXPECT_EQ(first["claims"][0]["rests_on"]["sources"], 1);
  EXPECT_EQ(first["claims"][0]["rests_on"]["guesses"], 1);
  EXPECT_EQ(first["watchable"], true);
  for (const char* key : {"inputs", "choices", "variables", "measures", "sources", "files"}) {
    EXPECT_FALSE(first.contains(key)) << key;
  }
}

TEST_F(Serving, SaysThatTheModelIsTheSame) {
  serve();
  for (const char* path : {"/api/model", "/api/model/first"}) {
    const std::string answer = request("GET", path);
    const size_t tag = answer.find("ETag: ") + 6;
    const std::string etag = answer.substr(tag, answer.find("\r\n", tag) - tag);
    const std::string again = request("GET", path, "", "If-None-Match: " + etag + "\r\n");
    EXPECT_THAT(again, StartsWith("HTTP/1.1 304"));
    EXPECT_EQ(body_of(again), "");
    EXPECT_THAT(again, HasSubstr("X-Headrace-Edit: no"));
    EXPECT_THAT(request("GET", path, "", "If-None-Match: \"another\"\r\n"),
                StartsWith("HTTP/1.1 200"));
  }
}

TEST_F(Serving, SaysWhatMovesTheFirstCharts) {
  serve();
  const Json reach = Json::parse(body_of(request("GET", "/api/reach")));
  EXPECT_GT(reach["births"], reach["deaths"]);
  EXPECT_GT(reach["deaths"], 0);
}

// Without uncertainty a pinned constant makes another certain version: one run, not as many alike.
TEST_F(Serving, MakesOneRunOfWhatIsCertain) {
  std::ofstream(file_) << "model still\ntime 0 to 2 step 1 in year\nparam level = 3\n"
                          "stock pond = level\n  d/dt = level / (1 year)\n"
                          "measure end = pond at 2\n";
  serve();
  const auto frames = frames_of(
      request("POST", "/api/run",
              R"({"outputs":["pond"],"changes":[{"input":"level","mode":"pin","value":4}]})"));
  ASSERT_EQ(frames.size(), 1u);
  EXPECT_EQ(frames[0].second["draws"], 1);
  EXPECT_EQ(frames[0].second["single"], true);
  // Beside an uncertain version it is the same in every draw.
  constexpr const char* kBase = R"({"outputs":["pond"]})";
  constexpr const char* kPinned =
      R"({"outputs":["pond"],"changes":[{"input":"level","mode":"pin","value":4}]})";
  constexpr const char* kSpread =
      R"x({"changes":[{"input":"level","mode":"replace","text":"uniform(4, 6)"}]})x";
  const auto compared = [&](const std::vector<std::string>& versions) {
    std::string list;
    for (const std::string& version : versions) list += (list.empty() ? "" : ",") + version;
    const auto found = frames_of(request(
        "POST", "/api/compare", R"({"output":"pond","draws":4000,"versions":[)" + list + "]}"));
    EXPECT_EQ(found.size(), 1u);
    return found[0].second;
  };
  const Json certain = compared({kBase, kPinned});
  EXPECT_EQ(certain["draws"], 1);
  EXPECT_EQ(certain["measures"][0]["differences"][0]["stats"]["p50"], 3);  // 4 * 3 - 3 * 3
  for (const auto& versions : {std::vector<std::string>{kBase, kPinned, kSpread},
                               std::vector<std::string>{kSpread, kBase, kPinned}}) {
    const Json mixed = compared(versions);
    EXPECT_EQ(mixed["draws"], 4000);
    EXPECT_EQ(mixed["single"], false);
    const Json& minus = mixed["measures"][0]["differences"];
    const double sign = versions[0] == kBase ? 1 : -1;
    const size_t spread = versions[0] == kBase ? 1 : 0;
    EXPECT_NEAR(minus[spread]["stats"]["p50"].get<double>(), sign * 6, 0.2);
    EXPECT_EQ(minus[spread][sign > 0 ? "higher" : "lower"], 1);
  }
}

// The clock is fixed when a model is opened; a slider for its constants would move nothing.
TEST_F(Serving, OffersNoConstantThatNothingReads) {
  file_ = folder_ / "pond.mdl";
  std::ofstream(file_) << "{UTF-8}\nfish=INTEG(rate*fish, 100)~~|\nrate=0.1~~|\nunused=3~~|\n"
                          "INITIAL TIME=0~~|\nFINAL TIME=10~~|\nTIME STEP=1~~|\nSAVEPER=2~~|\n";
  serve();
  const Json model = Json::parse(body_of(request("GET", "/api/model")));
  ASSERT_EQ(model["choices"].size(), 1u);
  EXPECT_EQ(model["choices"][0]["name"], "rate");
  EXPECT_EQ(model["variables"].size(), 7u);
}

TEST_F(Serving, ModelsOfOtherToolsShowNamesNotRemarks) {
  file_ = folder_ / "pond.mdl";
  std::ofstream(file_)
      << "Fish Pond = INTEG(-eating, 5) ~ fish ~ Looked at in May. |\n"
         "eating = 1 ~ fish/Year ~ A guess. |\n"
         "INITIAL TIME = 0 ~~|\nFINAL TIME = 1 ~~|\nTIME STEP = 1 ~~|\nSAVEPER = 1 ~~|\n";
  serve();
  const auto model = Json::parse(body_of(request("GET", "/api/model")));
  EXPECT_EQ(model["choices"][0]["title"], "eating");
  EXPECT_EQ(model["choices"][0]["doc"], "A guess.");
  for (const auto& variable : model["variables"]) EXPECT_EQ(variable["title"], variable["name"]);
}

TEST_F(Serving, AnswersARunWithAPreviewAndASettledFrame) {
  serve();
  const auto frames =
      frames_of(request("POST", "/api/run", R"({"view":"v","outputs":["pond"],"draws":20000})"));
  ASSERT_EQ(frames.size(), 2u);
  EXPECT_EQ(frames[0].first, 0u);
  EXPECT_LT(frames[0].second["draws"], 20000);
  EXPECT_EQ(frames[1].first, 1u);
  EXPECT_EQ(frames[1].second["draws"], 20000);
  EXPECT_NEAR(frames[0].second["claims"][0]["odds"].get<double>(),
              frames[1].second["claims"][0]["odds"].get<double>(), 0.1);
}

TEST_F(Serving, ChangesMoveTheAnswer) {
  serve();
  const auto odds = [&](const std::string& changes) {
    const auto frames = frames_of(request(
        "POST", "/api/run", R"({"preview":false,"draws":4000,"changes":[)" + changes + "]}"));
    EXPECT_EQ(frames.size(), 1u);
    return frames[0].second["claims"][0]["odds"].get<double>();
  };
  const double base = odds("");
  EXPECT_GT(odds(R"({"input":"births","mode":"shift","value":1.5})"), base);
  EXPECT_EQ(odds(R"({"input":"births","mode":"pin","value":0.9})"), 1);
  EXPECT_LT(odds(R"({"input":"births","mode":"given","low":0.2,"high":0.3})"), base);
  EXPECT_LT(odds(R"({"input":"deaths","mode":"pin","value":0.3})"), base);
  EXPECT_LT(odds(R"({"input":"births","mode":"replace","text":"0.1 to 0.2"})"), base);
  EXPECT_EQ(odds(""), base);
}

// A posterior in which births are 0.45 or 0.55, by turns: a stock of 100 times 1.175^20
// or 1.225^20.
TEST_F(Serving, DrawsComeFromAPosterior) {
  const auto live = workbench::Live::open(file_.string(), options_.backend, 1);
  study::Posterior posterior;
  posterior.observations = 2;
  posterior.inputs = {{"births", (*live)->model().inputs[0].distribution.describe()}};
  posterior.draws = {{0.45, 0.55}};
  const std::string path = (folder_ / "pond.hrp").string();
  std::ofstream(path) << workbench::posterior_text(posterior);
  serve([&](ServeOptions& options) { options.posterior = path; });

  const Json model = Json::parse(body_of(request("GET", "/api/model")));
  EXPECT_EQ(model["posterior"]["text"], "calibrated to 2 observations");
  EXPECT_EQ(model["posterior"]["file"], path);
  const auto ends = [&](const std::string& changes) {
    const auto frames = frames_of(request(
        "POST", "/api/run", R"({"preview":false,"draws":1000,"changes":[)" + changes + "]}"));
    const Json stats = frames.at(0).second["measures"][0]["stats"];
    return std::pair(stats["p5"].get<double>(), stats["p95"].get<double>());
  };
  const auto grown = [](double births) { return 100 * std::pow(1 + 0.5 * (births - 0.1), 20); };
  const auto expect_ends = [&](const std::string& changes, double low, double high) {
    const auto [p5, p95] = ends(changes);
    EXPECT_NEAR(p5, grown(low), 1e-6 * grown(low)) << changes;
    EXPECT_NEAR(p95, grown(high), 1e-6 * grown(high)) << changes;
  };
  expect_ends("", 0.45, 0.55);
  expect_ends(R"({"input":"births","mode":"shift","value":1.1})", 0.495, 0.605);
  expect_ends(R"({"input":"births","mode":"pin","value":0.3})", 0.3, 0.3);
  expect_ends(R"({"input":"deaths","mode":"pin","value":0.2})", 0.35, 0.45);
  // What is replaced leaves the posterior.
  const auto [p5, p95] = ends(R"({"input":"births","mode":"replace","text":"0.1 to 0.9"
})");
  EXPECT_LT(p5, grown(0.3));
  EXPECT_GT(p95, grown(0.6));
}

TEST_F(Serving, RefusesAPosteriorOfAnotherModel) {
  study::Posterior posterior;
  posterior.inputs = {{"births", "normal(0, 1)"}};
  posterior.draws = {{0.5}};
  options_.model = file_.string();
  options_.posterior = (folder_ / "other.hrp").string();
  options_.stop = &stop_;
  std::ofstream(options_.posterior) << workbench::posterior_text(posterior);
  const auto served = server::serve(options_);
  ASSERT_FALSE(served);
  EXPECT_THAT(served.error().message, HasSubstr("none of the model's inputs"));
}

TEST_F(Serving, ChoicesGiveWhatScenariosGive) {
  serve();
  const auto median = [&](const std::string& part) {
    const auto frames =
        frames_of(request("POST", "/api/run", R"({"preview":false,"draws":3000,)" + part + "}"));
    return frames.at(0).second["measures"][0]["stats"]["p50"].get<double>();
  };
  EXPECT_EQ(median(R"("scenarios":["harsh"])"),
            median(R"("changes":[{"input":"deaths","mode":"pin","value":0.3}])"));
}

TEST_F(Serving, PartsOfAScenarioGiveThatPart) {
  std::ofstream(file_, std::ios::app) << "scenario two { deaths = 0.3; births = 0.5 }\n";
  serve();
  const auto median = [&](const std::string& part) {
    const auto frames =
        frames_of(request("POST", "/api/run", R"({"preview":false,"draws":3000,)" + part + "}"));
    return frames.at(0).second["measures"][0]["stats"]["p50"].get<double>();
  };
  EXPECT_EQ(median(R"("scenarios":["two"],"only":["deaths"])"), median(R"("scenarios":["harsh"])"));
  EXPECT_EQ(median(R"("scenarios":["two"],"only":[])"), median(R"("scenarios":[])"));
  EXPECT_EQ(median(R"("scenarios":["two"],"only":["births","deaths"])"),
            median(R"("scenarios":["two"])"));
}

TEST_F(Serving, EqualVersionsDifferByExactlyNothing) {
  serve();
  const auto frames = frames_of(
      request("POST", "/api/compare", R"({"versions":[{},{}],"output":"pond","draws":2000})"));
  ASSERT_EQ(frames.size(), 1u);
  for (const auto& [stat, value] :
       frames[0].second["measures"][0]["differences"][0]["stats"].items()) {
    EXPECT_EQ(value, 0) << stat;
  }
}

TEST_F(Serving, ExplainsWhatMovesAnOutput) {
  serve();
  const auto frames =
      frames_of(request("POST", "/api/explain", R"({"outputs":["pond"],"time":3})"));
  ASSERT_EQ(frames.size(), 1u);
  EXPECT_EQ(frames[0].second["drivers"][0]["input"], "births");
  EXPECT_GT(frames[0].second["drivers"][0]["share"], 0.9);
}

TEST_F(Serving, TheOrderOfTheTextDoesNotChangeWhatMovesAnOutput) {
  const auto ranking = [this] {
    const auto frames =
        frames_of(request("POST", "/api/explain", R"({"outputs":["pond"],"time":8})"));
    std::vector<std::pair<std::string, double>> out;
    for (const Json& driver : frames.at(0).second["drivers"]) {
      out.emplace_back(driver["input"], driver["share"]);
    }
    return out;
  };
  const std::string head = "model pond\ntime 0 to 10 step 0.5 in year\nunit fish\n";
  const std::vector<std::string> lines = {
      "source one \"One\" date 2025-01-01\n",
      "source two \"Two\" date 2024-01-01\n",
      "param births : 1/year = 0.2 to 0.6 from @one\n",
      "param deaths : 1/year = 0.05 to 0.2 from @two\n",
      "param fish_0 : fish = 90 fish to 110 fish assumed \"a guess\"\n",
      "stock pond : fish = fish_0\n  in born\n  out died\n",
      "flow born : fish/year = births * pond\n",
      "flow died : fish/year = deaths * pond\n"};
  std::string forth = head, back = head;
  for (size_t i = 0; i < lines.size(); ++i) {
    forth += lines[i];
    back += lines[lines.size() - 1 - i];
  }
  std::ofstream(file_) << forth;
  serve([](ServeOptions& options) { options.watch = true; });
  const auto before = ranking();
  ASSERT_GE(before.size(), 2u);
  std::ofstream(file_) << back;
  for (int i = 0; i < 100; ++i) {
    const Json model = Json::parse(body_of(request("GET", "/api/model")));
    if (model["variables"][0]["name"] != "births") break;
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  ASSERT_NE(Json::parse(body_of(request("GET", "/api/model")))["variables"][0]["name"], "births");
  EXPECT_EQ(ranking(), before);
}

TEST_F(Serving, RanksWhatToWatch) {
  std::ofstream(folder_ / "watch.csv")
      << "id,title,reads,error,next,every\n"
         "early,\"Fish in year 3\",pond at 3,10%,2026-12-15,3 month\n"
         "start,\"Fish at the start\",pond at 0,sd 1,,\n";
  std::ofstream(folder_ / "decisions.csv") << "id,title,options,utility,unit\n"
                                              "act,\"Act?\",\"base, harsh\",pond at 10,fish\n";
  serve();
  const auto ask = [this](const std::string& body) {
    return Json::parse(body_of(request("POST", "/api/watch", body)));
  };
  const Json all = ask(R"({"as_of":"2026-11-26","draws":2000})");
  EXPECT_EQ(all["schema"], "headrace.watch/1");
  EXPECT_EQ(all["decisions"][0]["id"], "act");
  const Json& ranked = all["questions"][0]["ranked"];
  EXPECT_EQ(ranked[0]["indicator"], "early");
  EXPECT_GT(ranked[0]["worth"], 0.5);
  EXPECT_LT(ranked[1]["worth"], 0.05);
  EXPECT_EQ(all["indicators"][0]["next"], "2026-12-15");

  const Json logged =
      ask(R"({"as_of":"2026-11-26","draws":2000,"log":["early=200"],"focus":"early"})");
  EXPECT_LT(logged["effective"], 2000);
  EXPECT_NE(logged["questions"][0]["before"]["odds"], logged["questions"][0]["after"]["odds"]);
  EXPECT_EQ(logged["focus"]["means"].size(), 16u);
  EXPECT_FALSE(all.contains("fan"));
  const Json& fan = logged["fan"];
  EXPECT_EQ(fan["series"], "pond");
  EXPECT_EQ(fan["times"].size(), 21u);
  const auto at_3 = [&fan](const char* when, const char* stat) {
    return fan[when][stat][6].get<double>();
  };
  EXPECT_NEAR(at_3("after", "p50"), 200, 20);  // what was read, to a tenth
  EXPECT_LT(at_3("after", "p90") - at_3("after", "p10"),
            0.6 * (at_3("before", "p90") - at_3("before", "p10")));
  EXPECT_EQ(fan["before"]["p50"][0], 100);

  const Json decided = ask(R"({"as_of":"2026-11-26","draws":2000,"decide":"act"})");
  EXPECT_EQ(decided["decision"]["best"], "base");
  // What a slider moved moves what is expected, too.
  const Json moved = ask(
      R"({"as_of":"2026-11-26","draws":2000,"changes":[{"input":"births","mode":"shift","value":1.5}]})");
  EXPECT_GT(moved["indicators"][0]["p50"], all["indicators"][0]["p50"]);

  EXPECT_THAT(request("POST", "/api/watch", R"({"as_of":"2026-11-26","format":"ics"})"),
              HasSubstr("BEGIN:VCALENDAR"));
  EXPECT_THAT(request("POST", "/api/watch", R"({"as_of":"soon"})"), StartsWith("HTTP/1.1 400"));
  EXPECT_THAT(request("POST", "/api/watch", R"({"as_of":"2026-11-26","log":["nothing=3"]})"),
              StartsWith("HTTP/1.1 404"));
  EXPECT_THAT(request("POST", "/api/watch", R"({"as_of":"2026-11-26","format":"png"})"),
              HasSubstr("none of json, csv, ics"));
}

TEST_F(Serving, ARunWithoutAnswersSavesSeriesAlone) {
  serve();
  const auto frames = frames_of(request(
      "POST", "/api/run", R"({"outputs":["pond"],"answers":false,"draws":2000,"preview":false})"));
  ASSERT_EQ(frames.size(), 1u);
  EXPECT_EQ(frames[0].second["outputs"][0]["name"], "pond");
  EXPECT_FALSE(frames[0].second.contains("claims"));
}

Json json_of(const std::string& answer) {
  return Json::parse(answer.substr(answer.find("\r\n\r\n") + 4));
}

// Charts mark the days on which the law changed.
TEST_F(Serving, TellsTheDaysOnWhichTheLawChanged) {
  std::ofstream(file_) << "model ponds\ntime 2022-01-01 to 2024-01-01 step 1/12 year\n"
                          "source R011 \"A rule\" date 2023-11-17\nlet pond = time - 2022-01-01\n";
  serve();
  const Json events = json_of(request("GET", "/api/model"))["events"];
  const auto event = std::ranges::find_if(events, [](const Json& e) { return e["id"] == "R007"; });
  ASSERT_NE(event, events.end());
  EXPECT_EQ((*event)["date"], "2022-10-07");
  EXPECT_THAT((*event)["name"].get<std::string>(), HasSubstr("Advanced computing"));
  for (const Json& each : events) EXPECT_NE(each["name"], "");
}

TEST_F(Serving, ALawThatTheModelCitesCanBeAsked) {
  std::ofstream(file_, std::ios::app) << "source R011 \"A rule\" date 2023-11-17\n";
  serve();
  EXPECT_EQ(json_of(request("GET", "/api/model"))["law"], "built-in");
  const Json law = json_of(request("GET", "/api/law"));
  EXPECT_EQ(law["facts"][0]["name"], "chip");
  EXPECT_TRUE(
      std::ranges::any_of(law["acts"], [](const Json& act) { return act["id"] == "R011"; }));
  const auto outcome = [&](const std::string& facts) {
    const Json ruling = json_of(request("POST", "/api/classify", R"({"facts":{)" + facts + "}}"));
    return ruling["outcome"].get<std::string>();
  };
  const std::string sale =
      R"("destination":"CN","date":"2024-06-01","datacenter":"yes","io":"0","dram":"0","pd":"3")";
  EXPECT_EQ(outcome(sale + R"(,"tpp":"4800")"), "LICENCE_PD");
  EXPECT_EQ(outcome(sale + R"(,"tpp":"4799")"), "NAC_25D");
  EXPECT_EQ(outcome(sale + R"(,"tpp":"4600..5000")"), "DEPENDS");
  EXPECT_EQ(outcome(R"("destination":"CN","date":"2024-06-01","pd":"3")"), "UNDETERMINED");
}

TEST_F(Serving, TheCatalogueAgreesWithSingleAnswers) {
  serve();
  const std::string sale = R"("destination":"CN","origin":"US","date":"2026-02-01")";
  const Json found = json_of(request("POST", "/api/catalogue", R"({"facts":{)" + sale + "}}"));
  ASSERT_GT(found["chips"].size(), 40u);
  for (size_t i = 0; i < found["chips"].size(); i += 9) {
    const Json& chip = found["chips"][i];
    const Json alone = json_of(
        request("POST", "/api/classify",
                R"({"facts":{"chip":")" + chip["id"].get<std::string>() + "\"," + sale + "}}"));
    EXPECT_EQ(chip["stretches"], alone["stretches"]) << chip["id"];
  }
  const Json& plane = found["plane"];
  EXPECT_EQ(plane["cells"].size() + 1, plane["pd"].size());
  EXPECT_EQ(plane["cells"][0].size() + 1, plane["tpp"].size());
  const std::vector<double> lines = plane["tpp"];
  EXPECT_THAT(lines, testing::IsSupersetOf({1600.0, 2400.0, 4800.0}));
}

TEST_F(Serving, AWrongSaleSaysWhatIsWrong) {
  serve();
  EXPECT_EQ(json_of(request("GET", "/api/model"))["law"], "");
  const auto classify = [&](const std::string& facts) {
    return request("POST", "/api/classify", R"({"facts":)" + facts + "}");
  };
  EXPECT_THAT(classify(R"({"destination":"XX"})"), HasSubstr("unknown destination 'XX'"));
  EXPECT_THAT(classify(R"({"chip":"h20"})"), HasSubstr("where to?"));
  EXPECT_THAT(classify(R"({"destination":"CN","date":"soon"})"), HasSubstr("is no date"));
  EXPECT_THAT(classify(R"({"destination":7})"), HasSubstr("'destination' is not a text"));
  EXPECT_THAT(classify("[]"), HasSubstr("'facts' is not an object"));
  const Json table =
      json_of(request("POST", "/api/classify/table",
                      R"({"text":"chip,date,destination\nh20,2024-01-01,CN\nx,2024-01-01,CN"})"));
  EXPECT_EQ(table["rows"], 2);
  EXPECT_EQ(table["wrong"], 1);
  EXPECT_THAT(request("POST", "/api/classify/table", R"({"text":7})"),
              HasSubstr("'text' is not a text"));
}

TEST_F(Serving, WrongQuestionsGetAnAnswer) {
  serve();
  EXPECT_THAT(request("POST", "/api/run", "{"), HasSubstr("not JSON"));
  const auto frames = frames_of(
      request("POST", "/api/run", R"({"changes":[{"input":"wings","mode":"pin","value":1}]})"));
  ASSERT_EQ(frames.size(), 1u);
  EXPECT_EQ(frames[0].first, 2u);
  EXPECT_THAT(frames[0].second["error"].get<std::string>(), HasSubstr("wings"));
  EXPECT_THAT(request("POST", "/api/run", R"({"outputs":["wings"]})"), HasSubstr("wings"));
  EXPECT_THAT(request("DELETE", "/api/run"), StartsWith("HTTP/1.1 405"));
  EXPECT_THAT(request("POST", "/api/files", "{}"), StartsWith("HTTP/1.1 403"));
}

TEST_F(Serving, ForeignHostsAndOriginsAreRefused) {
  serve();
  EXPECT_THAT(ask("GET /api/model HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n"),
              StartsWith("HTTP/1.1 421"));
  EXPECT_THAT(request("POST", "/api/run", "{}", "Origin: http://evil.example\r\n"),
              StartsWith("HTTP/1.1 403"));
  EXPECT_THAT(request("GET", "/api/model", "", "Sec-Fetch-Site: cross-site\r\n"),
              StartsWith("HTTP/1.1 403"));
  EXPECT_THAT(request("POST", "/api/run", R"({"draws":10})", "Origin: http://localhost\r\n"),
              StartsWith("HTTP/1.1 200"));
}

TEST_F(Serving, ATokenIsAskedFor) {
  serve([](ServeOptions& options) { options.token = "secret"; });
  EXPECT_THAT(request("GET", "/api/model"), StartsWith("HTTP/1.1 401"));
  EXPECT_THAT(request("GET", "/api/model", "", "Authorization: Bearer secrex\r\n"),
              StartsWith("HTTP/1.1 401"));
  EXPECT_THAT(request("GET", "/api/model", "", "Authorization: Bearer secret\r\n"),
              StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(request("GET", "/"), StartsWith("HTTP/1.1 200"));
}

TEST_F(Serving, BrokenAndLargeRequestsHarmNobody) {
  serve();
  EXPECT_THAT(ask("NONSENSE\r\n\r\n"), StartsWith("HTTP/1.1 400"));
  EXPECT_THAT(ask("GET / HTTP/1.1\r\nX: " + std::string(100'000, 'a') + "\r\n\r\n"),
              StartsWith("HTTP/1.1 4"));
  EXPECT_THAT(ask("POST /api/run HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999\r\n\r\n"),
              StartsWith("HTTP/1.1 413"));
  for (int i = 0; i < 30; ++i) {  // gone in the middle of a question
    const int fd = connect();
    send(fd, "POST /api/run HTTP/1.1\r\nHost: localhost\r\nContent-Length: 500\r\n\r\n{");
    ::close(fd);
  }
  for (int i = 0; i < 30; ++i) {  // gone in the middle of an answer
    const int fd = connect();
    send(fd, "POST /api/run HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{}");
    ::close(fd);
  }
  EXPECT_THAT(request("GET", "/healthz"), HasSubstr("ok"));
}

TEST_F(Serving, SlowClientsAreDropped) {
  serve([](ServeOptions& options) { options.read_seconds = 0.3; });
  const int fd = connect();
  send(fd, "GET / HT");
  EXPECT_EQ(receive(fd), "");
  EXPECT_THAT(request("GET", "/healthz"), HasSubstr("ok"));
}

TEST_F(Serving, TooManyConnectionsAreTurnedAway) {
  serve([](ServeOptions& options) { options.most_connections = 4; });
  std::vector<int> open;
  for (int i = 0; i < 4; ++i) {
    open.push_back(connect());
    send(open.back(), "GET ");
  }
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  EXPECT_THAT(request("GET", "/healthz"), StartsWith("HTTP/1.1 503"));
  for (int fd : open) ::close(fd);
  std::string answer;
  for (int tries = 0; tries < 50 && answer.find("ok") == std::string::npos; ++tries) {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    answer = request("GET", "/healthz");
  }
  EXPECT_THAT(answer, HasSubstr("ok"));
}

TEST_F(Serving, DraftsAreCheckedAndFilesWritten) {
  serve([](ServeOptions& options) { options.edit = true; });
  const std::string name = file_.lexically_normal().string();
  std::string draft = kModel;
  draft.replace(draft.find("births * pond"), 13, "births + pond");
  const std::string found = request("POST", "/api/diagnostics",
                                    Json{{"files", {{{"name", name}, {"text", draft}}}}}.dump());
  EXPECT_THAT(found, HasSubstr("unit-mismatch"));
  EXPECT_THAT(found, HasSubstr("\"good\":false"));

  draft = kModel;
  draft.replace(draft.find("0.2 to 0.6"), 10, "0.3 to 0.6");
  EXPECT_THAT(
      request("PUT", "/api/files", Json{{"files", {{{"name", name}, {"text", draft}}}}}.dump()),
      StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(request("GET", "/api/model"), HasSubstr("90 % 0.3 to 0.6"));
  EXPECT_THAT(request("PUT", "/api/files", R"({"files":[{"name":"/etc/passwd","text":"x"}]})"),
              StartsWith("HTTP/1.1 404"));
}

TEST_F(Serving, AModelWithErrorsLeavesTheLastGoodOne) {
  serve([](ServeOptions& options) { options.watch = true; });
  const int listener = connect();
  send(listener, "GET /api/events HTTP/1.1\r\nHost: localhost\r\n\r\n");
  std::ofstream(file_) << "model pond\nlet x = nothing_known\n";
  std::string heard;
  char buffer[4096];
  while (heard.find("model-error") == std::string::npos) {
    const ssize_t n = ::recv(listener, buffer, sizeof buffer, 0);
    ASSERT_GT(n, 0) << heard;
    heard.append(buffer, n);
  }
  ::close(listener);
  EXPECT_THAT(heard, HasSubstr("nothing_known"));
  EXPECT_THAT(request("GET", "/api/model"), HasSubstr("births"));
}

}  // namespace
}  // namespace headrace::server
