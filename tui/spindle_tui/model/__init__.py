"""What is shown, as data and text: free of the toolkit."""
