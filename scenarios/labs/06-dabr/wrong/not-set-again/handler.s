on_data_storage:                  # SRR0: the store, not carried out yet
  addi r31, r31, 1                # counts
  set_dabr cell, 0
  mfspr r10, SPR_SRR1
  ori r10, r10, MSR_SE
  mtspr SPR_SRR1, r10
  rfid

on_trace:                         # SRR0: behind the store
  set_dabr cell, 0
  mfspr r10, SPR_SRR1
  li r11, MSR_SE
  andc r10, r10, r11
  mtspr SPR_SRR1, r10
  rfid
