#pragma once

// What is said of a number's spread, in the order in which frames hold it.

#include <utility>

#include "report/chart.h"

namespace headrace::server {

inline constexpr std::pair<const char*, double report::Spread::*> kStats[] = {
    {"mean", &report::Spread::mean}, {"p5", &report::Spread::p5},   {"p10", &report::Spread::p10},
    {"p25", &report::Spread::p25},   {"p50", &report::Spread::p50}, {"p75", &report::Spread::p75},
    {"p90", &report::Spread::p90},   {"p95", &report::Spread::p95}};

}  // namespace headrace::server
