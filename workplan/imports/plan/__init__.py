"""A whole plan from a Word document or a workbook: what stands in the file, and what is read of it."""
