"""Settings, the kinds of letter, and the sample office."""
