// The watch list as a calendar. A line of an iCalendar file has at most 75 bytes; longer ones go on
// after a line break and a space, which must not fall into a character of several bytes (RFC 5545,
// 3.1).

#include <fmt/format.h>

#include <cstdint>

#include "base/hash.h"
#include "report/numbers.h"
#include "report/watch_report.h"

namespace headrace::report {
namespace {

constexpr size_t kLongest = 75;

std::string escaped(const std::string& text) {
  std::string out;
  for (char c : text) {
    if (c == '\\' || c == ';' || c == ',') out += '\\';
    if (c == '\n') {
      out += "\\n";
    } else if (c != '\r') {
      out += c;
    }
  }
  return out;
}

std::string folded(const std::string& line) {
  const auto inside = [](char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; };
  std::string out;
  size_t at = 0, room = kLongest;
  while (line.size() - at > room) {
    size_t end = at + room;
    while (end > at + 1 && inside(line[end])) --end;
    out += line.substr(at, end - at) + "\r\n ";
    at = end;
    room = kLongest - 1;
  }
  return out + line.substr(at) + "\r\n";
}

// Every so many months. A day that some months do not have falls on the last that they have;
// left alone it would be skipped there (RFC 5545, 3.3.10).
std::string rule(const std::string& iso, int months) {
  std::string out = fmt::format("RRULE:FREQ=MONTHLY;INTERVAL={}", months);
  const int day = std::stoi(iso.substr(iso.size() - 2));
  const int month = std::stoi(iso.substr(iso.size() - 5, 2));
  const bool always_there = day <= 28 || (months % 12 == 0 && month != 2);
  if (always_there) return out;
  out += ";BYMONTHDAY=28";
  for (int d = 29; d <= day; ++d) out += fmt::format(",{}", d);
  return out + ";BYSETPOS=-1";
}

std::string compact(const std::string& iso) {
  std::string out;
  for (char c : iso) {
    if (c != '-') out += c;
  }
  return out;
}

// What a reading would tell of the question that it tells most about.
std::string told_by(const WatchReport& report, size_t indicator) {
  const study::Learned* most = nullptr;
  const WatchReport::Question* about = nullptr;
  for (size_t q = 0; q < report.questions.size(); ++q) {
    for (const study::Watched& line : report.watch.questions[q].ranked) {
      if (line.indicator != indicator || (most && most->worth >= line.learned.worth)) continue;
      most = &line.learned;
      about = &report.questions[q];
    }
  }
  const auto& b = report.watch.indicators[indicator];
  const auto& i = report.indicators[indicator];
  const auto text = [&](double v) { return shown(v, i.type, report.context.calendar); };
  std::string out = fmt::format("Expected {} ({} to {}){}.", text(b.p50), text(b.p10), text(b.p90),
                                unit_suffix(i.unit));
  if (most) {
    const auto answer = [&](double v) {
      return about->claim ? fmt::format("{:.0f} in 100", 100 * v)
                          : shown(v, about->type, report.context.calendar);
    };
    out += fmt::format("\n{} {}: {} if low, {} if high.", about->name, about->title,
                       answer(most->if_low), answer(most->if_high));
    if (most->tripwire.there) {
      out += fmt::format(" The answer changes {} {}.", most->tripwire.above ? "above" : "below",
                         text(most->tripwire.reading));
    }
  }
  if (!i.source.empty()) out += "\nSource: " + i.source;
  if (!i.note.empty()) out += "\n" + i.note;
  return out;
}

}  // namespace

std::string to_ics(const WatchReport& report) {
  std::string out = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Headrace//watch//EN\r\n";
  for (size_t i = 0; i < report.indicators.size(); ++i) {
    const WatchReport::Indicator& indicator = report.indicators[i];
    if (indicator.next.empty()) continue;
    out += "BEGIN:VEVENT\r\n";
    out += folded(
        fmt::format("UID:{:016x}@headrace", base::hash(report.context.model + "/" + indicator.id)));
    out += fmt::format("DTSTAMP:{}T000000Z\r\n", compact(report.as_of));
    out += fmt::format("DTSTART;VALUE=DATE:{}\r\n", compact(indicator.next));
    if (indicator.every_months > 0) {
      out += rule(indicator.next, indicator.every_months) + "\r\n";
    }
    out += folded("SUMMARY:" + escaped(indicator.title.empty() ? indicator.id : indicator.title));
    out += folded("DESCRIPTION:" + escaped(told_by(report, i)));
    out += "TRANSP:TRANSPARENT\r\nEND:VEVENT\r\n";
  }
  return out + "END:VCALENDAR\r\n";
}

}  // namespace headrace::report
