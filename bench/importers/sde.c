#include "sde.h"

double _time;

Lookup* __new_lookup(size_t size, bool copy, double* points) {
  Lookup* table = malloc(sizeof *table);
  (void)copy;
  __set_lookup(table, size, points);
  return table;
}

void __set_lookup(Lookup* table, size_t size, double* points) {
  *table = (Lookup){points, size, 0, DBL_MAX};
}

double lookup_at(Lookup* table, double x) {
  size_t k = x >= table->last_x ? table->last_place : 0;
  const double* p = table->points;
  while (k < table->size && p[2 * k] < x) ++k;
  table->last_x = x;
  table->last_place = k;
  if (k == table->size) return p[2 * k - 1];
  if (k == 0 || p[2 * k] == x) return p[2 * k + 1];
  const double slope = (p[2 * k + 1] - p[2 * k - 1]) / (p[2 * k] - p[2 * k - 2]);
  return p[2 * k - 1] + slope * (x - p[2 * k - 2]);
}
