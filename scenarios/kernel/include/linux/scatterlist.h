/* Lists of pieces of memory. */
#ifndef TRAPLINE_LINUX_SCATTERLIST_H
#define TRAPLINE_LINUX_SCATTERLIST_H

#include <linux/mm.h>
#include <linux/string.h>
struct scatterlist {
  unsigned long page_link; /* a page; bit 1: the last piece */
  unsigned int offset;
  unsigned int length;
  dma_addr_t dma_address;
  unsigned int dma_length;
};
struct sg_table {
  struct scatterlist* sgl;
  unsigned int nents;
  unsigned int orig_nents;
};
#define sg_dma_address(sg) ((sg)->dma_address)
#define sg_dma_len(sg) ((sg)->dma_length)
#define sg_is_last(sg) (((sg)->page_link & 2) != 0)
static inline struct page* sg_page(struct scatterlist* sg) { return (struct page*)(sg->page_link & ~3UL); }
static inline void* sg_virt(struct scatterlist* sg) { return page_address(sg_page(sg)) + sg->offset; }
static inline struct scatterlist* sg_next(struct scatterlist* sg) { return sg_is_last(sg) ? NULL : sg + 1; }
static inline void sg_mark_end(struct scatterlist* sg) { sg->page_link |= 2; }
static inline void sg_unmark_end(struct scatterlist* sg) { sg->page_link &= ~2UL; }
static inline void sg_init_table(struct scatterlist* sgl, unsigned int n) {
  memset(sgl, 0, sizeof(*sgl) * n);
  sg_mark_end(sgl + n - 1);
}
static inline void sg_set_page(struct scatterlist* sg, struct page* page, unsigned int n,
                               unsigned int offset) {
  sg->page_link = (sg->page_link & 3) | (unsigned long)page;
  sg->offset = offset;
  sg->length = n;
}
static inline void sg_set_buf(struct scatterlist* sg, const void* p, unsigned int n) {
  sg_set_page(sg, virt_to_page(p), n, offset_in_page(p));
}
static inline void sg_init_one(struct scatterlist* sg, const void* p, unsigned int n) {
  sg_init_table(sg, 1);
  sg_set_buf(sg, p, n);
}
#define for_each_sg(sgl, sg, n, i) for (i = 0, sg = (sgl); i < (n); i++, sg = sg_next(sg))

#endif
