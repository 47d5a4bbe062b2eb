#pragma once

// Conveyors, queues and ovens in a model that was read from XMILE: stocks whose flows out are calls
// of the library's functions for them, with the values beside them by which the importer names what
// the stock says of itself (`_belt transit`).

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "syntax/tree.h"

namespace headrace::exports {

// Whether that holds for the expression or for one within it.
bool any_of(const syntax::Tree& tree, syntax::ExprId id,
            const std::function<bool(const syntax::Expr&)>& holds);

struct Device {
  enum class Kind { kConveyor, kQueue, kOven };
  Kind kind = Kind::kConveyor;
  const syntax::StockDecl* stock = nullptr;
  bool exponential = false;  // its leaks
  bool discrete = false;     // its limit is for each unit of time
  bool from_queue = false, one_at_a_time = true, whole = false;  // how batches enter
};

struct DeviceFlow {
  const Device* device = nullptr;
  bool leak = false, overflow = false, whole = false;
  double begin = 0, end = 1;  // where it leaks
};

class Devices {
 public:
  explicit Devices(const syntax::Tree& tree) : tree_(tree) {}
  void find(const std::vector<const syntax::Statement*>& own);

  const Device* of_stock(const std::string& name) const;
  const DeviceFlow* of_flow(const std::string& name) const;
  // A value that says something of a device, and is no variable of its own in XMILE.
  bool is_part(const std::string& name) const { return parts_.contains(name); }
  const syntax::ValueDecl* part(const std::string& name, const char* what) const;

  // An element or a number of a device, as an equation asks for it.
  struct Asked {
    std::string function, stock;            // `MAX(belt)`
    std::optional<syntax::ExprId> element;  // or `belt[k]`, when there is no function
  };
  std::optional<Asked> asked(syntax::ExprId id) const;
  // Of the least of a wish and the room in a device the wish: the device limits it by itself.
  std::optional<syntax::ExprId> wish(const syntax::Call& call) const;

 private:
  const syntax::Call* call_in(syntax::ExprId id) const;
  const syntax::Call* as_call(syntax::ExprId id) const;
  const std::string* name_in(syntax::ExprId id) const;
  std::optional<double> number_in(syntax::ExprId id) const;
  std::optional<syntax::ExprId> labelled(const syntax::Call& call, const std::string& label) const;
  void add(const syntax::StockDecl& stock);
  void add_flow(const Device& device, const std::string& name);
  void read_entry(Device& device) const;
  std::optional<std::string> queue_of(const syntax::Call& call) const;
  std::optional<Asked> asked_of_queue(const syntax::Call& call) const;

  const syntax::Tree& tree_;
  std::map<std::string, const syntax::ValueDecl*> values_;
  std::map<std::string, Device> devices_;  // by stock
  std::map<std::string, DeviceFlow> flows_;
  std::set<std::string> parts_;
};

}  // namespace headrace::exports
