import 'uplot/dist/uPlot.min.css';
import './base.css';
import './sidebar.css';
import './pages.css';
import './training.css';
import './runs.css';
import './runpanels.css';
