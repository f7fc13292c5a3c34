"""Mail: how it is put together and sent. What is said to whom is for the subjects to say."""
