#include "code/llvm/emit.h"

#include "code/llvm/emitter.h"

namespace headrace::code {

namespace {

// Modules are the unit of parallel compilation; small ones cost a fixed overhead each.
constexpr uint32_t kModuleWeight = 2400;
// A segment of this weight does one vector a call.
constexpr uint32_t kLongWeight = 150;

void collect(const ir::Program& program, const BlockPlan& block, const std::vector<PlanNode>& nodes,
             const std::vector<uint32_t>& weights, std::vector<ir::LoopId>& loops,
             std::vector<SegmentRef>& segments) {
  for (const PlanNode& node : nodes) {
    if (node.kind == PlanNode::Kind::kSegment) {
      segments[node.segment] = {&block, &node, loops, weights[node.segment] < kLongWeight};
    }
    if (node.kind != PlanNode::Kind::kLoop) continue;
    loops.push_back(block.block->code[node.first].loop);
    collect(program, block, node.body, weights, loops, segments);
    loops.pop_back();
  }
}

}  // namespace

Emission::Emission(const ir::Program& program, const PlanOptions& options, Shape shape)
    : program(program), plan(make_plan(program, options)), shape(shape) {
  if (program.clock.method == model::Clock::Method::kEuler)
    integration = find_integration(program, plan);
  for (const model::Table& table : program.tables) tables.push_back(prepare(table));
  segments.resize(plan.segment_weights.size());
  for (const BlockPlan* block : {&plan.draw, &plan.initial, &plan.step, &plan.finish}) {
    std::vector<ir::LoopId> loops;
    collect(program, *block, block->nodes, plan.segment_weights, loops, segments);
  }
  modules.emplace_back();
  uint32_t room = 0;
  for (uint32_t number = 0; number < segments.size(); ++number) {
    const uint32_t weight = plan.segment_weights[number];
    if (modules.size() == 1 || room < weight) {
      modules.emplace_back();
      room = kModuleWeight;
    }
    modules.back().push_back(number);
    room -= std::min(room, weight);
  }
}

std::unique_ptr<llvm::Module> emit_module(const Emission& emission, size_t number,
                                          llvm::LLVMContext& context) {
  auto module = std::make_unique<llvm::Module>("headrace_" + std::to_string(number), context);
  ModuleEmitter emitter(emission, *module);
  if (number == 0) emit_drivers(emitter);
  for (uint32_t segment : emission.modules[number]) emit_segment(emitter, segment);
  return module;
}

}  // namespace headrace::code
