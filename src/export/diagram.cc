#include "export/diagram.h"

#include <algorithm>

namespace headrace::exports {
namespace {

using syntax::Statement;
using syntax::StockDecl;
using syntax::ValueDecl;

constexpr double kCloudApart = 70;  // of a flow between two clouds

struct Place {
  size_t view, item;
};
using Places = std::unordered_map<std::string, Place>;

class Drawing {
 public:
  Drawing(const Writer& writer, const import::Layout& layout) : writer_(writer) {
    std::unordered_map<std::string, View::Item> known;
    for (const Statement* statement : writer.own()) {
      auto item = item_of(*statement);
      if (item && !item->name.starts_with('_')) known.emplace(item->name, std::move(*item));
    }
    std::unordered_map<std::string, size_t> titles;
    for (const import::Place& place : layout.places) {
      const auto found = known.find(place.name);
      if (found == known.end() || places_.contains(place.name)) continue;
      const auto [view, fresh] = titles.emplace(place.view, views_.size());
      if (fresh) views_.push_back({place.view, {}, {}, {}});
      std::vector<View::Item>& items = views_[view->second].items;
      places_.emplace(place.name, Place{view->second, items.size()});
      items.push_back(found->second);
      items.back().x = place.x, items.back().y = place.y;
    }
  }

  std::vector<View> run() {
    draw_pipes();
    for (const Statement* statement : writer_.own()) draw_arrows(*statement);
    // The first view is the one without a title.
    std::ranges::stable_partition(views_, [](const View& view) { return view.title.empty(); });
    return std::move(views_);
  }

 private:
  const Place* place(const std::string& name) const {
    const auto found = places_.find(name);
    return found == places_.end() ? nullptr : &found->second;
  }

  // ---------------------------------------------------------------- pipes

  void draw_pipes() {
    struct Stocks {
      const std::string *from = nullptr, *to = nullptr;
    };
    std::unordered_map<std::string, Stocks> stocks;  // by flow
    for (const Statement* statement : writer_.own()) {
      const auto* stock = std::get_if<StockDecl>(&statement->node);
      if (!stock) continue;
      for (const syntax::Name& flow : stock->inflows) {
        if (!stocks[flow.text].to) stocks[flow.text].to = &stock->name.text;
      }
      for (const syntax::Name& flow : stock->outflows) {
        if (!stocks[flow.text].from) stocks[flow.text].from = &stock->name.text;
      }
    }
    for (size_t v = 0; v < views_.size(); ++v) {
      for (size_t i = 0; i < views_[v].items.size(); ++i) {
        const View::Item& flow = views_[v].items[i];
        if (flow.kind != View::Item::Kind::kFlow) continue;
        View::Pipe pipe{i, end_at(v, stocks[flow.name].from), end_at(v, stocks[flow.name].to)};
        place_clouds(flow, pipe);
        views_[v].pipes.push_back(pipe);
      }
    }
  }

  View::End end_at(size_t view, const std::string* stock) const {
    const Place* found = stock ? place(*stock) : nullptr;
    if (!found || found->view != view) return {};
    const View::Item& item = views_[view].items[found->item];
    return {found->item, item.x, item.y};
  }

  // A cloud stands as far behind the flow as the stock before it.
  static void place_clouds(const View::Item& flow, View::Pipe& pipe) {
    const auto opposite = [&](const View::End& other, View::End& cloud, double side) {
      if (cloud.stock) return;
      cloud.x = other.stock ? 2 * flow.x - other.x : flow.x + side * kCloudApart;
      cloud.y = other.stock ? 2 * flow.y - other.y : flow.y;
    };
    opposite(pipe.to, pipe.from, -1);
    opposite(pipe.from, pipe.to, 1);
  }

  // ---------------------------------------------------------------- arrows

  void draw_arrows(const Statement& statement) {
    const auto item = item_of(statement);
    const Place* to = item ? place(item->name) : nullptr;
    if (!to) return;
    std::set<std::string> starting, running;
    if (const auto* stock = std::get_if<StockDecl>(&statement.node)) {
      if (stock->initial) writer_.names_in(*stock->initial, starting);
      for (const syntax::Clause& clause : stock->clauses) writer_.names_in(clause.value, starting);
      if (stock->net_rate) writer_.names_in(*stock->net_rate, running);
      for (const auto* flows : {&stock->inflows, &stock->outflows}) {
        for (const syntax::Name& flow : *flows) {
          if (!has_pipe(*to, flow.text)) running.insert(flow.text);
        }
      }
    } else if (const auto* value = std::get_if<ValueDecl>(&statement.node)) {
      if (value->value) writer_.names_in(*value->value, running);
      for (const syntax::Clause& clause : value->clauses) writer_.names_in(clause.value, running);
    }
    for (const std::string& name : running) draw_arrow(name, *to, false);
    for (const std::string& name : starting) {
      if (!running.contains(name)) draw_arrow(name, *to, true);
    }
  }

  bool has_pipe(const Place& stock, const std::string& flow) const {
    const Place* from = place(flow);
    if (!from || from->view != stock.view) return false;
    return std::ranges::any_of(views_[stock.view].pipes, [&](const View::Pipe& pipe) {
      return pipe.flow == from->item &&
             (pipe.from.stock == stock.item || pipe.to.stock == stock.item);
    });
  }

  void draw_arrow(const std::string& name, const Place& to, bool at_start) {
    const Place* from = place(name);
    if (!from || from->view != to.view || from->item == to.item) return;
    views_[to.view].arrows.push_back({from->item, to.item, at_start});
  }

  const Writer& writer_;
  std::vector<View> views_;
  Places places_;
};

}  // namespace

std::optional<View::Item> item_of(const Statement& statement) {
  using Kind = View::Item::Kind;
  if (const auto* stock = std::get_if<StockDecl>(&statement.node))
    return View::Item{stock->name.text, Kind::kStock};
  if (const auto* table = std::get_if<syntax::TableDecl>(&statement.node))
    return View::Item{table->name.text};
  if (const auto* data = std::get_if<syntax::DataDecl>(&statement.node))
    return View::Item{data->name.text};
  const auto* value = std::get_if<ValueDecl>(&statement.node);
  if (!value || value->kind == ValueDecl::Kind::kMeasure) return std::nullopt;
  return View::Item{value->name.text,
                    value->kind == ValueDecl::Kind::kFlow ? Kind::kFlow : Kind::kOther};
}

std::vector<View> views_of(const Writer& writer, const import::Layout& layout) {
  return Drawing(writer, layout).run();
}

}  // namespace headrace::exports
