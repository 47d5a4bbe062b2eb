#pragma once

// What a stock with an inside needs: the values beside it, its flows out, and what its flows in are
// cut to. Internal to this folder.

#include <fmt/format.h>

#include <string>
#include <vector>

#include "import/names.h"
#include "import/xmile/translation.h"

namespace headrace::import::xmile {

// Once for each place: a device is asked for what it holds from many.
void unsupported(Translation& t, Span span, std::string message);

class DeviceWriter {
 public:
  using ExprId = syntax::ExprId;

  DeviceWriter(Translation& t, const std::string& stock, Span span)
      : t_(t),
        symbol_(t.symbols.at(stock)),
        device_(t.devices.at(stock)),
        scope_(scope_of(symbol_, stock)),
        build_(t.build(span)) {}

  // The stock's own part: named values for the equations of the conveyor or the oven.
  void write_parts();
  // What the flow is that the device drives.
  ExprId driven(const Symbol& flow);
  // What of a flow with an equation enters: no more than there is room for.
  ExprId limited(const Symbol& flow, ExprId wanted);
  // The room that is left for one flow when those listed before it have entered.
  ExprId room_for(const Symbol& flow);
  bool has_room() const;
  std::string part(const char* what) const { return part_name(symbol_, what); }
  // What is asked of it: see `Ask`.
  ExprId answer(Ask ask);
  // One slat of a conveyor, one batch of a queue.
  ExprId place(ExprId number);
  // What is in it at the start.
  ExprId start();

 private:
  syntax::Name take_name(const char* what);
  void define(const char* what, ExprId value, std::optional<syntax::UnitExpr> unit = {});
  // The unit of times that the model tells as plain numbers.
  std::optional<syntax::UnitExpr> unit_of_time(const Text& text);
  // What takes no time, or a time that is no number.
  void check_time(const char* what, const Text& text);
  // The values when the stock starts with more than one.
  std::vector<Text> list() const;
  bool can_list() const;
  ExprId inflow(const std::string& flow) const;
  // A device has one way out for each of its own elements, and room for one flow after another.
  bool is_finer(const Symbol& flow);
  ExprId total_inflow();
  bool is_conveyor_driven(const std::string& flow) const;
  ExprId call(std::string function, std::vector<syntax::Argument> arguments);
  ExprId cannot_tell();

  // ---------------------------------------------------------------- conveyor.cc

  void write_conveyor_parts();
  // An array of the values in the list.
  void define_contents(const std::vector<Text>& values);
  // What may enter within this step: by capacity, by the limit on inflows, nothing when arrested.
  ExprId room();
  // What has entered by equations and from queues: the limit counts only that.
  ExprId entered();
  // What leaves at the exit or by a leak.
  ExprId conveyor_flow(const Symbol& flow);
  // What leaves at the end of a conveyor without leaks (part 0), or what lies on it.
  ExprId plain_conveyor(ExprId part);
  // conveyor(inflow, transit, initial, slats), after it the leak.
  ExprId conveyor(const char* function, const std::vector<ExprId>& first);
  // Part 0 of the exit, then those of the leaks; below 0 what lies on a slat, as a rate.
  ExprId leaks(ExprId part);
  // leaks, exponential, and of each leak its share, zone and whether it takes whole units.
  void add_leaks(std::vector<syntax::Argument>& arguments);
  ExprId on_slats(ExprId contents);
  // As many as the journey has steps when its time is a number, else as many as the run has: what
  // is longer on the way never leaves.
  double slats();
  // The transit time where it is a number, told here or by variables that are one.
  std::optional<double> steady_transit() const;
  // What an equation gives at the start, where numbers, sums, products and steps tell it.
  std::optional<double> at_start(const Scope& scope, const Text& text, int followed) const;
  std::optional<double> at_start(const Scope& scope, const Formulas& formulas, FormulaId id,
                                 int followed) const;
  double step() const;
  // Whether the exit is held shut by the conveyor behind it.
  std::optional<ExprId> arrest_beyond() const;
  ExprId conveyor_answer(Ask ask);

  // ---------------------------------------------------------------- queue.cc

  // What leaves by one of the ways out.
  ExprId queue(const Symbol& flow);
  // queue(part, inflow, initial, batches, out, ...) for that way; none: for the queue as a whole.
  ExprId way_out(const Symbol* flow, ExprId part);
  // What the stock behind a way out takes, and how batches go there.
  void add_limits(const Symbol& flow, std::vector<syntax::Argument>& arguments);
  ExprId queue_answer(Ask ask);

  // ---------------------------------------------------------------- oven.cc

  void write_oven_parts();
  // oven(part, inflow, cooking, initial, ...)
  ExprId oven(double which);
  ExprId oven_answer(Ask ask);

  Translation& t_;
  const Symbol& symbol_;
  const Device& device_;
  Scope scope_;
  Build build_;
};

}  // namespace headrace::import::xmile
