"""What fills the terminal: one pane a tab, and what lies over them."""
