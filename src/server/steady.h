#pragma once

// Previews made steady.
//
// A few hundred draws give bands that sway by several pixels around the settled ones. The same
// draws also answered the last settled question, and there the error is known; most of it is the
// same:
//
//   settled(new) is about preview(new) + (settled(old) - preview(old))
//
// and where the new one is nearer to zero than the old one, the correction shrinks with it:
// preview(new) * settled(old) / preview(old). This is a control variate with the coefficient 1
// (P. Glasserman, Monte Carlo Methods in Financial Engineering, 4.1), put to each quantile at each
// time. A slider that has not moved gives the settled bands again, and the nearer the new question
// is to the old one, the better the preview. What comes out is ordered, and nowhere below zero
// where all three are not.

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "server/frame.h"
#include "server/requests.h"

namespace headrace::server {

// For one thread.
class Steady {
 public:
  // A settled answer, from now on the base of those that ask for the same outputs of the same
  // scenarios with the same seed.
  void settle(const RunRequest& request, const Frame& settled);
  // What a preview of so many draws says of that same question.
  void add(const RunRequest& request, uint64_t draws, const Frame& preview);
  // Moves the bands of a preview and says so in its directory, as `steadied`; leaves alone what has
  // no base with as many draws.
  void steady(const RunRequest& request, uint64_t draws, Frame& preview) const;
  void clear() { bases_.clear(); }

 private:
  struct Base {
    std::string key;
    std::vector<float> settled;
    std::map<uint64_t, std::vector<float>> previews;  // by their draws
  };
  std::deque<Base> bases_;  // the latest first
};

}  // namespace headrace::server
