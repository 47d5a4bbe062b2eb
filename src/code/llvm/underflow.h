// The processor's own note that a result was too small to keep all its digits.
#pragma once

#ifdef __SSE2__
#include <xmmintrin.h>
#endif

namespace headrace::code {

#ifdef __SSE2__
inline constexpr bool kNotesUnderflow = true;
inline void forget_underflow() { _mm_setcsr(_mm_getcsr() & ~_MM_EXCEPT_UNDERFLOW); }
inline bool underflowed() { return (_mm_getcsr() & _MM_EXCEPT_UNDERFLOW) != 0; }
#else
inline constexpr bool kNotesUnderflow = false;
inline void forget_underflow() {}
inline bool underflowed() { return true; }
#endif

}  // namespace headrace::code
