"""The tools: calculator and quotes, recommendation, speech, face analysis."""
