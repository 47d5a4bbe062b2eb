/* What the C that SDEverywhere generates for World3 asks of its runtime: the package of its
   compiler has none. A lookup is searched from the place of the last hit on, as in theirs. */
#pragma once

#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define _IF_THEN_ELSE(condition, yes, no) ((double)(condition) != 0.0 ? (yes) : (no))
#define _INTEG(level, rate) ((level) + (rate)*_time_step)
#define _LN(x) log(x)
#define _MAX(a, b) fmax(a, b)
#define _MIN(a, b) fmin(a, b)
#define _LOOKUP(table, x) lookup_at(table, x)

/* Points as x, y, x, y, ...; the last x asked for and the place it was found at. */
typedef struct {
  const double* points;
  size_t size, last_place;
  double last_x;
} Lookup;

extern double _time, _initial_time, _final_time, _time_step, _saveper;

Lookup* __new_lookup(size_t size, bool copy, double* points);
void __set_lookup(Lookup* table, size_t size, double* points);
double lookup_at(Lookup* table, double x);

void initConstants(void);
void initLevels(void);
void setInputs(double* values, int32_t* places);
void evalAux(void);
void evalLevels(void);
void storeOutputData(void);
void outputVar(double value);
