"""What is drawn, as data: which rows and columns, in which order, on whose side, and where. No matplotlib."""
