// Boost.Math in double precision, without exceptions: bad arguments give NaN, overflow infinity.
#pragma once

#include <boost/math/policies/policy.hpp>

namespace headrace::math {

using SpecialPolicy = boost::math::policies::policy<
    boost::math::policies::domain_error<boost::math::policies::ignore_error>,
    boost::math::policies::pole_error<boost::math::policies::ignore_error>,
    boost::math::policies::overflow_error<boost::math::policies::ignore_error>,
    boost::math::policies::evaluation_error<boost::math::policies::ignore_error>,
    boost::math::policies::rounding_error<boost::math::policies::ignore_error>,
    boost::math::policies::promote_double<false>>;

}  // namespace headrace::math
