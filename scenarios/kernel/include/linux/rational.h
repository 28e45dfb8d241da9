/* Fractions. */
#ifndef TRAPLINE_LINUX_RATIONAL_H
#define TRAPLINE_LINUX_RATIONAL_H

/* The fraction nearest to a given one of which neither number is greater than that. */
void rational_best_approximation(unsigned long numerator, unsigned long denominator,
                                 unsigned long max_numerator, unsigned long max_denominator,
                                 unsigned long* best_numerator, unsigned long* best_denominator);

#endif
