#pragma once

namespace headrace::base {

// What an element holds that no equation defines (`undefined` in a model): next to Vensim's missing
// value of -2^109, which is a number that equations may say, so that both can be told apart. Tables
// and other answers have no place for it.
inline constexpr double kUndefined = -649037107316853381508718003224576.0;

}  // namespace headrace::base
