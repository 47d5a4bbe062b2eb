// Statements that neither Vensim nor XMILE has a word for.

#include "export/writer.h"

namespace headrace::exports {
namespace {

struct LeftOut {
  Writer& writer;
  const syntax::Statement& statement;

  void operator()(const syntax::CheckDecl& check) { passed_over(check.name, "a check"); }
  void operator()(const syntax::ClaimDecl& claim) { passed_over(claim.name, "a claim"); }
  void operator()(const syntax::ScenarioDecl& node) { passed_over(node.name, "a scenario"); }
  void operator()(const syntax::EnumDecl& codes) { passed_over(codes.name, "an enum of law"); }
  void operator()(const syntax::FactDecl& fact) { passed_over(fact.name, "a fact of law"); }
  void operator()(const syntax::GroupDecl& group) { passed_over(group.name, "a group of law"); }
  void operator()(const syntax::SourceDecl& source) {
    writer.passed_over(source.name ? source.name->span : statement.span, "a source");
  }
  void operator()(const syntax::ObserveDecl& observe) {
    writer.passed_over(writer.tree()[observe.observed].span, "an observation");
  }
  void operator()(const syntax::CorrelateDecl& node) {
    writer.cannot(node.names[0].span, "a correlation");
  }
  void operator()(const syntax::RuleDecl& rule) { writer.cannot(rule.name.span, "a rule of law"); }
  template <class Node>
  void operator()(const Node&) {
    writer.cannot(statement.span, "this statement");
  }

  template <class Name>
  void passed_over(const Name& name, const char* what) {
    writer.passed_over(name.span, what);
  }
};

}  // namespace

void Writer::leave_out(const syntax::Statement& statement) {
  std::visit(LeftOut{*this, statement}, statement.node);
}

}  // namespace headrace::exports
