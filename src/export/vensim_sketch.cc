// The lines of a sketch, each an object with a number of its own:
//
//   10,number,name,x,y,half width,half height,shape,...  a variable: 3 in a box, 8 a word, 40 the
//                                                        name of the valve before it
//   11,number,0,x,y,...                                  a valve
//   12,number,48,x,y,...                                 a cloud
//   1,number,from,to,shape,...,1|(x,y)|                  an arrow over a point; 4 and 100 are the
//                                                        halves of a pipe, both from its valve

#include "export/vensim_sketch.h"

#include <fmt/format.h>

#include <algorithm>

#include "export/diagram.h"
#include "import/names.h"

namespace headrace::exports {
namespace {

using Kind = View::Item::Kind;

constexpr double kLine = 8;  // half the height of a line of text
constexpr size_t kLettersInLine = 18;
constexpr double kRowsApart = 60, kColumnsApart = 160;
constexpr size_t kColumns = 8;

class Sketch {
 public:
  Sketch(const Writer& writer, const import::Layout& layout)
      : writer_(writer), views_(views_of(writer, layout)) {
    if (views_.empty() || !views_.front().title.empty()) views_.insert(views_.begin(), View{});
    for (View& view : views_)
      std::erase_if(view.arrows, [&](const View::Arrow& arrow) {
        return !is_drawn(view.items[arrow.from].name) || !is_drawn(view.items[arrow.to].name);
      });
    add_loose();
    std::erase_if(views_, [](const View& view) { return view.items.empty(); });
    if (views_.empty()) views_.emplace_back();
  }

  std::string run() {
    std::string text;
    for (size_t v = 0; v < views_.size(); ++v) text += view_text(views_[v]);
    return text;
  }

 private:
  bool is_drawn(const std::string& name) const {
    return !writer_.is_control(name) && !name.starts_with('_');
  }

  // What has no place stands in rows, without arrows.
  void add_loose() {
    std::set<std::string> placed;
    for (const View& view : views_) {
      for (const View::Item& item : view.items) placed.insert(item.name);
    }
    View& first = views_.front();
    double top = 100;
    for (const View::Item& item : first.items) top = std::max(top, item.y + 100);
    size_t count = 0;
    for (const syntax::Statement* statement : writer_.own()) {
      auto item = item_of(*statement);
      if (!item || placed.contains(item->name) || !is_drawn(item->name)) continue;
      item->kind = item->kind == Kind::kStock ? Kind::kStock : Kind::kOther;
      item->x = 100 + kColumnsApart * static_cast<double>(count % kColumns);
      item->y = top + kRowsApart * static_cast<double>(count / kColumns);
      ++count;
      first.items.push_back(std::move(*item));
    }
  }

  std::string view_text(const View& view) {
    std::string text = fmt::format(
        "\\\\\\---/// Sketch information - do not modify anything except names\n"
        "V300  Do not put anything below this section - it will be ignored\n*{}\n"
        "$192-192-192,0,Times New Roman|12||0-0-0|0-0-0|0-0-255|-1--1--1|-1--1--1|96,96,100,0\n",
        view.title.empty() ? "View 1" : one_line(view.title));
    size_t number = 0;
    std::vector<size_t> numbers(view.items.size());
    std::vector<const View::Pipe*> pipes(view.items.size());
    for (const View::Pipe& pipe : view.pipes) pipes[pipe.flow] = &pipe;
    for (size_t i = 0; i < view.items.size(); ++i) {
      const View::Item& item = view.items[i];
      if (!is_drawn(item.name)) continue;
      if (pipes[i])
        text +=
            fmt::format("11,{},0,{:.0f},{:.0f},6,8,34,3,0,0,1,0,0,0\n", ++number, item.x, item.y);
      numbers[i] = ++number;
      text += item_text(item, number, pipes[i] != nullptr);
    }
    for (const View::Pipe& pipe : view.pipes) {
      const View::Item& flow = view.items[pipe.flow];
      if (!is_drawn(flow.name)) continue;
      const size_t valve = numbers[pipe.flow] - 1;
      text += half_pipe(flow, valve, pipe.to, 4, numbers, number);
      text += half_pipe(flow, valve, pipe.from, 100, numbers, number);
    }
    for (const View::Arrow& arrow : view.arrows) {
      const View::Item &from = view.items[arrow.from], &to = view.items[arrow.to];
      text += fmt::format("1,{},{},{},0,0,0,0,0,64,{},-1--1--1,,1|({:.0f},{:.0f})|\n", ++number,
                          numbers[arrow.from], numbers[arrow.to], arrow.at_start ? 1 : 0,
                          (from.x + to.x) / 2, (from.y + to.y) / 2);
    }
    return text;
  }

  std::string item_text(const View::Item& item, size_t number, bool on_valve) const {
    const std::string name = writer_.spelled(item.name);
    if (!on_valve)
      return fmt::format("10,{},{},{:.0f},{:.0f},40,20,{},3,0,0,0,0,0,0\n", number, name, item.x,
                         item.y, item.kind == Kind::kStock ? 3 : 8);
    const double half = kLine * static_cast<double>(1 + name.size() / kLettersInLine);
    return fmt::format("10,{},{},{:.0f},{:.0f},50,{:.0f},40,3,0,0,-1,0,0,0\n", number, name, item.x,
                       item.y + kLine + half, half);
  }

  static std::string half_pipe(const View::Item& flow, size_t valve, const View::End& end,
                               int shape, const std::vector<size_t>& numbers, size_t& number) {
    std::string text;
    const size_t other = end.stock ? numbers[*end.stock] : ++number;
    if (!end.stock)
      text = fmt::format("12,{},48,{:.0f},{:.0f},10,8,0,3,0,0,-1,0,0,0\n", other, end.x, end.y);
    return text + fmt::format("1,{},{},{},{},0,0,22,0,0,0,-1--1--1,,1|({:.0f},{:.0f})|\n", ++number,
                              valve, other, shape, (flow.x + end.x) / 2, (flow.y + end.y) / 2);
  }

  static std::string one_line(std::string title) {
    for (char& c : title) c = c == '\n' || c == '\r' ? ' ' : c;
    return title;
  }

  const Writer& writer_;
  std::vector<View> views_;
};

}  // namespace

std::string vensim_sketch(const Writer& writer, const import::Layout& layout) {
  return Sketch(writer, layout).run();
}

}  // namespace headrace::exports
