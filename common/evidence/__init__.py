"""What was measured, and how it is shown: records, tables, figures, claims. Rendering reads records only."""
