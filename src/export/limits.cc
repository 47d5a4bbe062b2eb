// Stocks that give no more than they hold, where the other tool has no word for them: each of their
// flows out is the least of its own equation and of what those before it leave.
//
//   sold = MIN(demand, MAX(0, store / TIME STEP - spoilt))

#include <fmt/format.h>

#include "export/writer.h"

namespace headrace::exports {

void Writer::find_limits() {
  for (const syntax::Statement* statement : own()) {
    const auto* stock = std::get_if<syntax::StockDecl>(&statement->node);
    if (!stock || !stock->nonnegative) continue;
    for (size_t k = 0; k < stock->outflows.size(); ++k) {
      const syntax::Name& flow = stock->outflows[k];
      if (values_.contains(flow.text))
        limits_.emplace(flow.text, Limit{stock, k});
      else
        cannot(flow.span, "a flow with no equation of its own out of a stock that limits it");
    }
  }
}

std::string Writer::within_stock(const std::string& flow, const std::string& wanted,
                                 const Names& names) {
  const auto found = limits_.find(flow);
  if (found == limits_.end()) return wanted;
  const auto& [stock, place] = found->second;
  std::string room = fmt::format("{} / {}", reference(stock->name.text, names, stock->name.span),
                                 word("TIME STEP"));
  for (size_t k = 0; k < place; ++k)
    room += " - " + reference(stock->outflows[k].text, names, stock->outflows[k].span);
  return fmt::format("MIN({}, MAX(0, {}))", wanted, room);
}

std::string Writer::words_of_limit(const std::string& flow) const {
  const auto found = limits_.find(flow);
  if (found == limits_.end()) return {};
  const auto& [stock, place] = found->second;
  return fmt::format("No more than {} holds{}.", bare(stock->name.text),
                     place == 0 ? "" : " and the flows before this one leave");
}

}  // namespace headrace::exports
