#pragma once

// Private to gathering: one reading of a tree's law, in the files gather.cc (names, order),
// facts.cc (units, enums, facts, groups), terms.cc (conditions and values), dated.cc (values with
// dates) and clauses.cc (rules). Terms are -1 where something is wrong, which has then been told.

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <unordered_map>

#include "rules/book.h"

namespace headrace::rules {

inline constexpr int kMostLevels = 64;  // functions within functions, values within values
inline constexpr size_t kMostTerms = 200'000;

class Gatherer {
 public:
  Gatherer(const syntax::Tree& tree, text::SourceSet& sources, const OpenFile& open,
           const std::vector<std::string>& scenarios, text::Diagnostics& diagnostics)
      : tree_(tree), sources_(sources), open_(open), diagnostics_(diagnostics) {
    collect_overlays(scenarios);
  }

  Book run();

 private:
  // ---- names, gather.cc
  template <class Decl>
  void each(const auto& visit) {
    for (syntax::StatementId id : tree_.top_level) {
      if (auto* decl = std::get_if<Decl>(&tree_[id].node)) visit(*decl, tree_[id].span);
    }
  }
  void collect();
  void collect_overlays(const std::vector<std::string>& scenarios);
  text::Diagnostic& error(text::Kind kind, text::Span span, std::string message);
  void check_new(const syntax::Name& name);
  std::optional<int> enum_named(const syntax::Name& name);
  std::optional<int> code_named(int type, const syntax::Name& name);

  // ---- units, facts.cc
  void declare_units();
  std::optional<units::Unit> unit_of(const syntax::UnitExpr& expr);

  // ---- enums, facts.cc
  void add_enum(const syntax::EnumDecl& decl, text::Span);
  void add_code(Enum& made, const std::string& code, const std::string& title, text::Span span);
  void read_codes(const syntax::EnumDecl& decl, Enum& made);
  std::optional<size_t> column_named(const text::CsvTable& table, const syntax::Name& name);

  // ---- facts, facts.cc
  void declare_fact(const syntax::FactDecl& decl);
  void fill_fact(const syntax::FactDecl& decl, int index);
  int code_value(const Fact& fact, syntax::ExprId id);
  bool reads_fact(int term, int fact) const;
  void read_cells(const syntax::FactDecl& decl, int index);
  std::optional<double> cell(const Fact& fact, const text::CsvTable& table, size_t row,
                             size_t column);

  // ---- groups, facts.cc
  void add_group(const syntax::GroupDecl& decl, text::Span);
  Codes members(int type, const std::vector<syntax::Name>& names);
  std::optional<double> date_of(syntax::ExprId id);

  // ---- terms, terms.cc
  int add(Term::Op op, text::Span span, std::vector<int> args = {}, double number = 0, int ref = -1,
          int code = -1);
  int add_truth(Term::Op op, text::Span span, std::vector<int> args = {}, double number = 0,
                int ref = -1, int code = -1);
  std::optional<int> parameter(const std::string& name) const;
  std::optional<int> code_fact(const syntax::Name& name) const;
  std::optional<int> comparison_of_codes(const syntax::Comparison& node, text::Span span);
  int condition(syntax::ExprId id);
  int condition_of(const syntax::Expr& expr, text::Span span);
  int member(const syntax::Call& call, text::Span span);
  int compared(const syntax::Comparison& node, text::Span span);
  int number(syntax::ExprId id);
  int number_in(syntax::ExprId id, const units::Unit& unit, std::string_view what);
  int converted(int id, const units::Unit& unit, text::Span span);
  int number_of(const syntax::Expr& expr, text::Span span);
  int with_unit(int id, const units::Unit& unit);
  int arithmetic(const syntax::Binary& node, text::Span span);
  int fold(Term::Op op, int left, int right, text::Span span);
  int extreme(const syntax::Call& call, text::Span span);
  int called(const syntax::Call& call, text::Span span,
             const std::function<int(syntax::ExprId)>& read);
  int named(const syntax::Reference& reference, text::Span span);

  // ---- dated.cc
  int dated_term(const std::string& name, text::Span span);
  int dated_named(const std::string& name);
  bool same_date(const syntax::Clause& a, const syntax::Clause& b) const;
  bool is_truth(syntax::ExprId id) const;
  int add_unknown(const Dated& dated);
  int dated_value(syntax::ExprId id, const Dated& dated);
  bool is_plain(syntax::ExprId id, int depth) const;

  // ---- clauses.cc
  void declare_rule(const syntax::RuleDecl& decl);
  void fill_rule(int index);
  void read_otherwise(int index);
  static void sort_clauses(std::vector<Clause>& clauses);
  std::optional<Clause> read_clause(const syntax::RuleClause& written, int type);
  bool stand_under(Clause& clause, const syntax::Name& act);

  // ---- order, gather.cc
  void read_by(int term, std::set<int>& facts, std::set<int>& rules, std::set<int>& seen) const;
  void order_rules();

  const syntax::Tree& tree_;
  text::SourceSet& sources_;
  const OpenFile& open_;
  text::Diagnostics& diagnostics_;
  Book book_;
  bool any_ = false, too_large_ = false;
  int level_ = 0;
  std::unordered_map<std::string, text::Span> names_;
  std::map<std::string, const syntax::ValueDecl*> values_;
  std::unordered_map<std::string, const syntax::FunctionDecl*> functions_;
  std::map<std::string, std::vector<const syntax::Clause*>> overlays_;
  std::map<size_t, std::vector<size_t>> rows_;  // of an enum's file, by code
  std::vector<int> declared_facts_, active_facts_;
  std::vector<const syntax::RuleDecl*> rule_decls_;
  std::map<std::string, int> dated_;
  std::vector<std::unordered_map<std::string, int>> calls_;
};

}  // namespace headrace::rules
