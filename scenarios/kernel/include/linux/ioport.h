/* Resources of devices: ranges of numbers. */
#ifndef TRAPLINE_LINUX_IOPORT_H
#define TRAPLINE_LINUX_IOPORT_H

#include <linux/minmax.h>
#include <linux/types.h>
struct resource {
  resource_size_t start;
  resource_size_t end;
  const char* name;
  unsigned long flags;
};
#define IORESOURCE_IO 0x100
#define IORESOURCE_MEM 0x200
#define IORESOURCE_IRQ 0x400
#define IORESOURCE_DMA 0x800
#define IORESOURCE_UNSET 0x20000000
#define DEFINE_RES_NAMED(_start, _size, _name, _flags) \
  { .start = (_start), .end = (_start) + (_size)-1, .name = (_name), .flags = (_flags) }
#define DEFINE_RES_MEM(_start, _size) DEFINE_RES_NAMED((_start), (_size), NULL, IORESOURCE_MEM)
#define DEFINE_RES_IRQ(_irq) DEFINE_RES_NAMED((_irq), 1, NULL, IORESOURCE_IRQ)
static inline resource_size_t resource_size(const struct resource* r) { return r->end - r->start + 1; }
static inline unsigned long resource_type(const struct resource* r) { return r->flags & 0x1f00; }
static inline bool resource_contains(const struct resource* a, const struct resource* b) {
  return resource_type(a) == resource_type(b) && !((a->flags | b->flags) & IORESOURCE_UNSET) &&
         a->start <= b->start && b->end <= a->end;
}
static inline bool resource_overlaps(const struct resource* a, const struct resource* b) {
  return a->start <= b->end && b->start <= a->end;
}
static inline bool resource_intersection(const struct resource* a, const struct resource* b,
                                         struct resource* r) {
  if (!resource_overlaps(a, b)) return false;
  r->start = max(a->start, b->start);
  r->end = min(a->end, b->end);
  return true;
}
static inline bool resource_union(const struct resource* a, const struct resource* b, struct resource* r) {
  if (!resource_overlaps(a, b)) return false;
  r->start = min(a->start, b->start);
  r->end = max(a->end, b->end);
  return true;
}

#endif
