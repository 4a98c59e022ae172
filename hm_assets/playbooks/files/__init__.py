"""The files that a marketer takes along: PDF, slides and a workbook, all out of one store of figures, in one look."""
