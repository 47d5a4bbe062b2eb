#pragma once

// Where among the inputs something happens: boxes of PRIM, or the leaves of a tree.

#include <string>
#include <vector>

#include "report/layout.h"
#include "report/run_report.h"
#include "report/study_context.h"
#include "study/discovery/cart.h"
#include "study/discovery/prim.h"

namespace headrace::report {

struct DiscoveryLimit {
  std::string input, unit;
  double low = 0, high = 0;  // infinite: no limit on this side
  double quasi_p = 0, reproduced = 0;
};

struct DiscoveryBox {
  double coverage = 0, density = 0, mass = 0;
  uint64_t inside = 0, hits = 0;
  bool reaches = true;
  std::vector<DiscoveryLimit> limits;
  struct Step {
    double coverage, density, mass;
    size_t limits;
  };
  std::vector<Step> trade_off;  // PRIM: of the peeling
};

struct DiscoveryReport {
  enum class Method { kPrim, kCart };
  Context context;
  Method method = Method::kPrim;
  std::string when;  // the condition, as written
  uint64_t hits = 0, sound = 0;
  double density = 0;               // asked for
  std::vector<DiscoveryBox> boxes;  // leaves: the densest first
};

// `inputs`: which of Model::inputs each column of the cases is.
void add(DiscoveryReport& report, const model::Model& model, const std::vector<uint32_t>& inputs,
         const std::vector<study::FoundBox>& found);
void add(DiscoveryReport& report, const model::Model& model, const std::vector<uint32_t>& inputs,
         const std::vector<study::TreeNode>& tree);

std::string render(const DiscoveryReport& report, const Look& look);
std::string to_csv(const DiscoveryReport& report);
std::string to_markdown(const DiscoveryReport& report);
std::string to_json(const DiscoveryReport& report);  // schema headrace.discover/1

}  // namespace headrace::report
